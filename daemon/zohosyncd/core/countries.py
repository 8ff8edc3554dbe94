"""Countries: their codes (ISO 3166-1 alpha-2) and names, as apps and people write them.

Some apps make a code of a name that they are given. That is no edit, and an address is no other one for it. The English
names are those of the table of the time zone database (in the public domain), beside them other common ones.
"""

from functools import lru_cache
from typing import Final

from zohosyncd.core.spelling import fold

_TABLE: Final = """
    AD=Andorra; AE=United Arab Emirates|UAE; AF=Afghanistan; AG=Antigua and Barbuda; AI=Anguilla; AL=Albania;
    AM=Armenia; AO=Angola; AQ=Antarctica; AR=Argentina; AS=American Samoa; AT=Austria|Österreich; AU=Australia;
    AW=Aruba; AX=Åland Islands; AZ=Azerbaijan; BA=Bosnia and Herzegovina; BB=Barbados; BD=Bangladesh;
    BE=Belgium|België|Belgique|Belgien; BF=Burkina Faso; BG=Bulgaria; BH=Bahrain; BI=Burundi; BJ=Benin; BL=Saint
    Barthelemy; BM=Bermuda; BN=Brunei; BO=Bolivia; BQ=Caribbean Netherlands; BR=Brazil|Brasil|Brasilien; BS=Bahamas;
    BT=Bhutan; BV=Bouvet Island; BW=Botswana; BY=Belarus; BZ=Belize; CA=Canada; CC=Cocos Islands; CD=Democratic
    Republic of the Congo|DR Congo; CF=Central African Republic; CG=Republic of the Congo|Congo;
    CH=Switzerland|Schweiz|Suisse|Svizzera; CI=Côte d'Ivoire|Ivory Coast; CK=Cook Islands; CL=Chile; CM=Cameroon;
    CN=China; CO=Colombia; CR=Costa Rica; CU=Cuba; CV=Cape Verde|Cabo Verde; CW=Curaçao; CX=Christmas Island;
    CY=Cyprus; CZ=Czech Republic|Czechia|Tschechien; DE=Germany|Deutschland; DJ=Djibouti;
    DK=Denmark|Danmark|Dänemark; DM=Dominica; DO=Dominican Republic; DZ=Algeria; EC=Ecuador; EE=Estonia; EG=Egypt;
    EH=Western Sahara; ER=Eritrea; ES=Spain|España|Spanien; ET=Ethiopia; FI=Finland|Suomi|Finnland; FJ=Fiji;
    FK=Falkland Islands; FM=Micronesia; FO=Faroe Islands; FR=France|Frankreich; GA=Gabon; GB=United Kingdom|Great
    Britain|UK|U.K.|Vereinigtes Königreich|Großbritannien; GD=Grenada; GE=Georgia; GF=French Guiana; GG=Guernsey;
    GH=Ghana; GI=Gibraltar; GL=Greenland; GM=Gambia; GN=Guinea; GP=Guadeloupe; GQ=Equatorial Guinea;
    GR=Greece|Griechenland; GS=South Georgia and the South Sandwich Islands; GT=Guatemala; GU=Guam;
    GW=Guinea-Bissau; GY=Guyana; HK=Hong Kong; HM=Heard Island and McDonald Islands; HN=Honduras;
    HR=Croatia|Hrvatska|Kroatien; HT=Haiti; HU=Hungary|Magyarország|Ungarn; ID=Indonesia; IE=Ireland|Éire|Irland;
    IL=Israel; IM=Isle of Man; IN=India|Indien; IO=British Indian Ocean Territory; IQ=Iraq; IR=Iran; IS=Iceland;
    IT=Italy|Italia|Italien; JE=Jersey; JM=Jamaica; JO=Jordan; JP=Japan; KE=Kenya; KG=Kyrgyzstan; KH=Cambodia;
    KI=Kiribati; KM=Comoros; KN=Saint Kitts and Nevis; KP=North Korea; KR=South Korea|Korea|Republic of Korea;
    KW=Kuwait; KY=Cayman Islands; KZ=Kazakhstan; LA=Laos; LB=Lebanon; LC=Saint Lucia; LI=Liechtenstein; LK=Sri
    Lanka; LR=Liberia; LS=Lesotho; LT=Lithuania; LU=Luxembourg|Luxemburg; LV=Latvia; LY=Libya; MA=Morocco;
    MC=Monaco; MD=Moldova; ME=Montenegro; MF=Saint Martin; MG=Madagascar; MH=Marshall Islands; MK=North Macedonia;
    ML=Mali; MM=Myanmar|Burma; MN=Mongolia; MO=Macau|Macao; MP=Northern Mariana Islands; MQ=Martinique;
    MR=Mauritania; MS=Montserrat; MT=Malta; MU=Mauritius; MV=Maldives; MW=Malawi; MX=Mexico|México|Mexiko;
    MY=Malaysia; MZ=Mozambique; NA=Namibia; NC=New Caledonia; NE=Niger; NF=Norfolk Island; NG=Nigeria; NI=Nicaragua;
    NL=Netherlands|The Netherlands|Nederland|Niederlande|Holland; NO=Norway|Norge|Norwegen; NP=Nepal; NR=Nauru;
    NU=Niue; NZ=New Zealand; OM=Oman; PA=Panama; PE=Peru; PF=French Polynesia; PG=Papua New Guinea; PH=Philippines;
    PK=Pakistan; PL=Poland|Polska|Polen; PM=Saint Pierre and Miquelon; PN=Pitcairn; PR=Puerto Rico; PS=Palestine;
    PT=Portugal; PW=Palau; PY=Paraguay; QA=Qatar; RE=Réunion; RO=Romania; RS=Serbia; RU=Russia|Russian
    Federation|Russland; RW=Rwanda; SA=Saudi Arabia; SB=Solomon Islands; SC=Seychelles; SD=Sudan;
    SE=Sweden|Sverige|Schweden; SG=Singapore; SH=Saint Helena; SI=Slovenia; SJ=Svalbard and Jan Mayen; SK=Slovakia;
    SL=Sierra Leone; SM=San Marino; SN=Senegal; SO=Somalia; SR=Suriname; SS=South Sudan; ST=Sao Tome and Principe;
    SV=El Salvador; SX=Sint Maarten; SY=Syria; SZ=Eswatini|Swaziland; TC=Turks and Caicos Islands; TD=Chad;
    TF=French Southern Territories; TG=Togo; TH=Thailand; TJ=Tajikistan; TK=Tokelau; TL=East Timor|Timor-Leste;
    TM=Turkmenistan; TN=Tunisia; TO=Tonga; TR=Turkey|Türkiye|Türkei; TT=Trinidad and Tobago; TV=Tuvalu; TW=Taiwan;
    TZ=Tanzania; UA=Ukraine; UG=Uganda; UM=US minor outlying islands; US=United States|United States of
    America|USA|U.S.A.|U.S.; UY=Uruguay; UZ=Uzbekistan; VA=Vatican City|Holy See; VC=Saint Vincent and the
    Grenadines|Saint Vincent; VE=Venezuela; VG=British Virgin Islands; VI=US Virgin Islands|U.S. Virgin Islands;
    VN=Vietnam|Viet Nam; VU=Vanuatu; WF=Wallis and Futuna; WS=Samoa; YE=Yemen; YT=Mayotte; ZA=South Africa;
    ZM=Zambia; ZW=Zimbabwe
"""

_CODES: Final = {
    fold(name): code
    for code, _, names in (each.strip().partition("=") for each in _TABLE.replace("\n", " ").split(";"))
    for name in (code, *(" ".join(name.split()) for name in names.split("|")))
}


@lru_cache(maxsize=1024)
def canonical_country(text: str) -> str:
    """The code of a country, whichever of its names is written; the text without regard to case where it is none.

    Args:
        text: as it was typed. Returns: the form in which countries are compared; "" for nothing.
    """
    folded = fold(text)
    return _CODES.get(folded, folded)
