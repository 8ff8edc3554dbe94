"""The words that invented people are made of."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    """
    Anna Lukas Sofia Mateo Ingrid Tomasz Yuki Amara Noah Elena Rashid Chloe Viktor Leila Hugo Nina Omar Greta
    Pavel Aisha Jonas Mireille Kenji Zofia Daniel Fatima Oskar Lucía Emil Priya Anton Beatriz Søren Hanna Marek
    Isabel Felix Naomi Jorge Astrid Karim Charlotte Dmitri Rosa Finn Valentina Arjun Helena Mikael Carmen Björn
    Alice Tariq Judith Rafael Ewa Simon Adaeze Leon Marta Ibrahim Clara Stefan Olivia Jürgen Inês Hassan Lotte
    Andrei Paula Kwame Renée Maxim Teresa Nils Samira Fabian Ioana Diego Katrin Ravi Marie Ole Jasmin Piotr
    Esther Luca Thandi Erik Monika Bilal Sabine Tiago Agnes Jakub Miriam Otto Salma Henrik Dora Ivo Eleni Ruben
    Ayşe Gustav Lin Marco Birgit Kofi Zuzana Adrian Noor Sven Camila Milan Ulrike Farid Edith Joel Svetlana
    André Mei Torben Alma Cem Frieda Julian Rania Klaus Vera Emre Livia Boris Tamar Peer Ginevra Samuel Wanjiru
    Bruno Silke
    """
)

FAMILY = _words(
    """
    Müller Kowalski Rossi Nakamura Okafor Svensson García Novák Dubois Haddad Schneider Petrov O'Connor Yılmaz
    Fischer Silva Jansen Ivanova Bauer Moreau Tanaka Weber Lindqvist Mensah Papadopoulos Richter Costa Nguyen
    Wagner Horváth Becker Ferrari Larsen Klein Popescu Wolf Martínez Krüger Abdullah Schröder Bernard
    Zimmermann Santos Hofmann Virtanen Hartmann Lange Bianchi Krause Werner Lehmann Diallo Köhler Maier Duarte
    Walter Huber Kaya Fuchs Peters Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Berger
    Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Ludwig Böhm Winter Kraus Martin Schumacher Krämer
    Vogt Stein Jäger Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl
    Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer Eriksen Achterberg Quist Ueda Zander
    Yamada Xu Nowak Adeyemi Bakker Carvalho Demir Eklund Falk Gallo Hansen Iversen Jovanović Kaplan Lemaire
    Marchetti Nowicki Olsen Pinto Quiroga Reyes Sato Torres
    """
)

COMPANIES = (
    "Alder Works",
    "Blue Heron Logistics",
    "Cobalt Instruments",
    "Dawn Harbour Foods",
    "Ember & Ash GmbH",
    "Fjord Textiles AS",
    "Granite Peak Software",
    "Hollow Oak Furniture",
    "Iris Optics KG",
    "Juniper Press",
    "Kestrel Aviation Parts",
    "Lindenhof Kliniken",
    "Marble Arch Trading",
    "Northlight Energy",
    "Orchard Valley Co-op",
    "Pebble Street Bakery",
    "Quartz Analytics",
    "Redwood Legal",
    "Silver Birch Insurance",
    "Tidewater Shipping",
    "Umbra Lighting S.r.l.",
    "Verdant Gardens",
    "Willow Creek Dairy",
    "Xylo Musikhaus",
    "Yellow Door Travel",
    "Zenith Brücken- und Straßenbau AG",
)

TITLES = (
    "Head of Purchasing",
    "Sales Manager",
    "Engineer",
    "Buyer",
    "CFO",
    "Assistant",
    "Leiterin Einkauf",
    "Geschäftsführer",
    "Project Lead",
    "Designer",
    "Consultant",
    "Warehouse Manager",
    "Directrice commerciale",
    "Analyst",
)

STREETS = (
    "Lindenstraße",
    "Hauptstraße",
    "Oak Street",
    "Rue des Lilas",
    "Am Markt",
    "Harbour Road",
    "Birkenweg",
    "Via Verdi",
    "Mill Lane",
)

CITIES = (
    ("Berlin", "BE", "10115", "Germany"),
    ("München", "BY", "80331", "Germany"),
    ("Hamburg", "HH", "20095", "Germany"),
    ("Köln", "NW", "50667", "Germany"),
    ("Springfield", "IL", "62701", "USA"),
    ("Portland", "OR", "97201", "USA"),
    ("Lyon", "", "69001", "France"),
    ("Kraków", "", "30-001", "Poland"),
)

NOTES = (
    "Met at the trade fair.",
    "Prefers calls in the morning.",
    "Speaks French; asks for samples.\nSend the new catalogue.",
    "VIP, invoices by post",
    "Colleague of the buyer; on leave in August",
    "Referred by a partner",
)

ODD_GIVEN = (
    "Zoë‑Anaïs",
    "李娜",
    "محمد",
    "Дарья",
    "Ὀδυσσεύς",
    "Jo🌻",
    "שרה",
    "Nguyễn Thị",
    "Maria Annunziata Immacolata Concetta",
    "Ann\u200dMarie",
)

ODD_FAMILY = (
    "Çelik‑Öztürk",
    "王",
    "الفاسي",
    "Щербакова",
    "d'Étampes-Brézé",
    "van der Berg, Jr.",
    "כהן",
    "Ước",
    "Graf von und zu Hohenstein-Wartenfels",
    "MacʼDonald",
)
