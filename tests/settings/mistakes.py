"""What operators get wrong in a connection, and what they are told: the exact words, in the order of the lines."""

from dataclasses import dataclass

RULE = '[[rules]]\nfrom = "left"\n'
PAIR = '[[fields]]\nleft = "A"\nright = "B"\n'


@dataclass(frozen=True)
class Mistake:
    """Lines of a connection's file below its sides, and what is said; whether an editor with the schema tells, too."""

    lines: str
    says: tuple[str, ...]
    editor: bool = True


MISTAKES = (
    Mistake(
        RULE + 'if = [ { field = "X" } ]',
        (
            "5: rules[1].if[1]: lacks its operator (expected one of is, is_not, in, not_in, contains, starts_with, exists, empty, before, after, greater, less)",
        ),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", is = "a", in = ["b"] } ]',
        (
            '5: rules[1].if[1]: "is" and "in" stand in one table (a clause says one thing: write two clauses, which must both be true, or any = [ ... ])',
        ),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", is = "a", owner = "ann" } ]',
        (
            '5: rules[1].if[1]: "is" and "owner" stand in one table (a clause says one thing: write two clauses, which must both be true, or any = [ ... ])',
        ),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", contians = "a" } ]',
        ('5: rules[1].if[1].contians: is not a known key (did you mean "contains"?)',),
    ),
    Mistake(
        RULE + 'if = [ { feild = "X", is = "a" } ]',
        (
            "5: rules[1].if[1].field: is missing (a field of that side, by the app's own name)",
            '5: rules[1].if[1].feild: is not a known key (did you mean "field"?)',
        ),
    ),
    Mistake(
        RULE + 'if = [ { is = "a" } ]',
        ("5: rules[1].if[1].field: is missing (a field of that side, by the app's own name)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "", is = "a" } ]',
        ("5: rules[1].if[1].field: may not be empty (a field of that side, by the app's own name)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", is = "" } ]',
        ("5: rules[1].if[1].is: may not be empty (a field without a value is asked for with empty = true)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", is = ["a"] } ]',
        ("5: rules[1].if[1].is: expected text, a number, true, false or a date",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", in = "a" } ]',
        ("5: rules[1].if[1].in: expected a list in square brackets (the values of which the field has one)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", in = [] } ]',
        ("5: rules[1].if[1].in: may not be empty (write at least one, or leave the key out)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", in = ["a", {}] } ]',
        ("5: rules[1].if[1].in[2]: expected text, a number, true, false or a date",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", not_in = [nan] } ]',
        ("5: rules[1].if[1].not_in[1]: expected a finite number",),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { field = "X", contains = 3 } ]',
        ("5: rules[1].if[1].contains: expected text in double quotes (text that stands anywhere in the field)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", exists = "yes" } ]',
        ("5: rules[1].if[1].exists: expected true or false (true: the field has a value)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", before = "yesterday" } ]',
        ('5: rules[1].if[1].before: expected a date (such as "2026-01-31" or "2026-01-31T09:00:00+01:00")',),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", after = 2026-01-31T09:00:00 } ]',
        ("5: rules[1].if[1].after: lacks its offset from UTC (such as 2026-01-31T09:00:00+01:00, or only the date)",),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { field = "X", greater = "2026-01-31" } ]',
        ("5: rules[1].if[1].greater: expected a number (dates have before and after)",),
    ),
    Mistake(
        RULE + 'if = [ { field = "X", less = inf } ]',
        ("5: rules[1].if[1].less: expected a finite number",),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { ownr = "ann" } ]',
        ('5: rules[1].if[1].ownr: is not a known key (did you mean "owner"?)',),
    ),
    Mistake(
        RULE + 'if = [ { owner = "ann", field = "Owner" } ]',
        ("5: rules[1].if[1].field: is not a known key (expected one of owner)",),
    ),
    Mistake(
        RULE + 'if = [ { lead_source = "Web" } ]',
        ('5: rules[1].if[1]: is not a clause (a field is asked for as { field = "lead_source", is = ... })',),
    ),
    Mistake(
        RULE + 'if = [ { opted_out = "no" } ]',
        ("5: rules[1].if[1].opted_out: expected true or false (whether the person has opted out of e-mail)",),
    ),
    Mistake(
        RULE + 'if = [ { has = "lables", value = "CRM" } ]',
        ('5: rules[1].if[1].has: expected one of tags, labels, groups, lists, categories (did you mean "labels"?)',),
    ),
    Mistake(
        RULE + 'if = [ { has = "labels" } ]',
        ("5: rules[1].if[1].value: is missing (its name)",),
    ),
    Mistake(
        RULE + 'if = [ { has = "labels", value = "CRM", has_not = "tags" } ]',
        (
            '5: rules[1].if[1]: "has" and "has_not" stand in one table (a clause says one thing: write two clauses, which must both be true, or any = [ ... ])',
        ),
    ),
    Mistake(
        RULE + 'if = [ { created = "2026-01-01" } ]',
        ('5: rules[1].if[1].created: expected a period in curly brackets (such as { after = "2026-01-01" })',),
    ),
    Mistake(
        RULE + 'if = [ { created = { since = "2026-01-01" } } ]',
        ("5: rules[1].if[1].created: is not a period (expected one of after, before)",),
    ),
    Mistake(
        RULE + 'if = [ { changed = { after = "2026-01-01", before = "2026-02-01" } } ]',
        ('5: rules[1].if[1].changed: "after" and "before" stand in one table (write two clauses, one for each)',),
    ),
    Mistake(
        RULE + "if = [ { any = [] } ]",
        ("5: rules[1].if[1].any: may not be empty (write at least one, or leave the key out)",),
    ),
    Mistake(
        RULE + 'if = [ { any = { owner = "ann" } } ]',
        ("5: rules[1].if[1].any: expected a list in square brackets (clauses of which one must be true)",),
    ),
    Mistake(
        RULE
        + 'if = [ { any = [ { owner = "ann" }, { not = { all = [ { field = "X", is = "a" }, { field = "X", si = "a" } ] } } ] } ]',
        (
            "5: rules[1].if[1].any[2].not.all[2]: lacks its operator (expected one of is, is_not, in, not_in, contains, starts_with, exists, empty, before, after, greater, less)",
        ),
    ),
    Mistake(
        RULE + 'if = [ { not = [ { owner = "ann" } ] } ]',
        ('5: rules[1].if[1].not: expected a clause in curly brackets (such as { field = "Lead_Source", is = "Web" })',),
    ),
    Mistake(
        RULE + 'if = [ "owner = ann" ]',
        ('5: rules[1].if[1]: expected a clause in curly brackets (such as { field = "Lead_Source", is = "Web" })',),
    ),
    Mistake(
        RULE + 'if = { owner = "ann" }',
        (
            "5: rules[1].if: expected a list in square brackets (clauses that must all be true; without any, every record matches)",
        ),
    ),
    Mistake(
        RULE + 'then = [ { set = "X" } ]',
        ("5: rules[1].then[1].value: is missing (the value that it gets)",),
    ),
    Mistake(
        RULE + 'then = [ { set = "X", value = ["a"] } ]',
        ("5: rules[1].then[1].value: expected text, a number, true, false or a date",),
    ),
    Mistake(
        RULE + 'then = [ { set = "X", value = "a", on = "craete" } ]',
        ('5: rules[1].then[1].on: expected one of create, update, always (did you mean "create"?)',),
    ),
    Mistake(
        RULE + 'then = [ { set = "X", value = "a", add = "labels" } ]',
        ('5: rules[1].then[1]: "set" and "add" stand in one table (an action does one thing: write two of them)',),
    ),
    Mistake(
        RULE + 'then = [ { ad = "labels", value = "CRM" } ]',
        ('5: rules[1].then[1].ad: is not a known key (did you mean "add"?)',),
    ),
    Mistake(
        RULE + 'then = [ { add = "label", value = "CRM" } ]',
        ('5: rules[1].then[1].add: expected one of tags, labels, groups, lists, categories (did you mean "labels"?)',),
    ),
    Mistake(
        RULE + 'then = [ { add = "labels", value = "" } ]',
        ("5: rules[1].then[1].value: may not be empty (its name; it is made if it does not exist)",),
    ),
    Mistake(
        RULE + 'then = [ { add = "labels", value = "CRM", on = "create" } ]',
        ("5: rules[1].then[1].on: is not a known key (expected one of add, value, revert)",),
    ),
    Mistake(
        RULE + 'then = [ { opt = "off" } ]',
        ("5: rules[1].then[1].opt: expected one of in, out",),
    ),
    Mistake(
        RULE + 'then = [ { opt = "out", revert = true } ]',
        (
            "5: rules[1].then[1].revert: an opt-out is never undone by a rule (remove revert: only the person can opt in again)",
        ),
        editor=False,
    ),
    Mistake(
        RULE + 'then = [ { add = "labels", value = "CRM" }, { remove = "labels", value = "CRM" } ]',
        ("5: rules[1].then[2]: contradicts an earlier action: labels CRM (remove one of the two actions)",),
        editor=False,
    ),
    Mistake(
        RULE + 'then = [ { set = "X", value = "a" }, { set = "X", value = "b", on = "create" } ]',
        ("5: rules[1].then[2]: contradicts an earlier action: set X (remove one of the two actions)",),
        editor=False,
    ),
    Mistake(
        RULE + 'then = [ { opt = "out" }, { opt = "out" } ]',
        ("5: rules[1].then[2]: stands there twice: opt (remove one of the two actions)",),
        editor=False,
    ),
    Mistake(
        RULE + 'then = [ { add = "labels", value = "CRM", revert = "yes" } ]',
        (
            "5: rules[1].then[1].revert: expected true or false (whether it is undone when the record leaves this rule; what another matching rule gives stays)",
        ),
    ),
    Mistake(
        RULE + 'when = "x"',
        ('5: rules[1].when: is not a known key (did you mean "then"?)',),
    ),
    Mistake(
        RULE + 'if = []\nleave = "tag"',
        ("6: rules[1].leave: is not a key of this table (it belongs to the top of the file, above the first [table])",),
    ),
    Mistake(
        '[[rules]]\nfrom = "zhoo"\n',
        ('4: rules[1].from: expected one of left, right, zoho, book (did you mean "zoho"?)',),
    ),
    Mistake(
        "[[rules]]\nif = []\n",
        ("3: rules[1].from: is missing (the side whose records are asked)",),
    ),
    Mistake(
        '[rules]\nfrom = "left"\n',
        (
            "3: rules: expected a list in square brackets (which records are created across, and what is done to them there)",
        ),
    ),
    Mistake(
        'leave = "unlnk"',
        ('3: leave: expected one of freeze, tag, unlink, delete (did you mean "unlink"?)',),
    ),
    Mistake(
        'leave = "tag"\nleave_tag = ""',
        ('4: leave_tag: may not be empty (tag, label, group, list or category that leave = "tag" adds)',),
    ),
    Mistake(
        PAIR + 'cleared = "no"',
        ("6: fields[1].cleared: expected one of travel, keep, hold",),
    ),
    Mistake(
        PAIR + "values = {}",
        ("6: fields[1].values: may not be empty (write at least one, or leave the key out)",),
    ),
    Mistake(
        PAIR + "values = { a = 1 }",
        ("6: fields[1].values.a: expected text in double quotes",),
    ),
    Mistake(
        PAIR + 'values = ["a"]',
        (
            "6: fields[1].values: expected a table (choices that have other names on the other side, left = right; the rest travels by its spelling, where the other side has it)",
        ),
    ),
    Mistake(
        PAIR + 'convert = ["uper"]',
        (
            '6: fields[1].convert[1]: expected one of trim, upper, lower, join, split, prefix, suffix, default (did you mean "upper"?)',
        ),
    ),
    Mistake(
        PAIR + 'convert = [ { default = " " } ]',
        ("6: fields[1].convert[1].default: may not be blank",),
        editor=False,
    ),
    Mistake(
        PAIR + 'convert = [ { join = ", " } ]',
        ('6: fields[1].convert[1]: "join" needs several fields on the left (such as left = ["Street", "City"])',),
        editor=False,
    ),
    Mistake(
        PAIR + 'convert = ["trim", { split = ", " } ]',
        ('6: fields[1].convert[2]: "split" needs several fields on the right (such as right = ["Street", "City"])',),
        editor=False,
    ),
    Mistake(
        PAIR + 'values = { a = "b" }\nconvert = ["trim"]',
        ("7: fields[1].convert: steps and values exclude each other (remove one of the two)",),
        editor=False,
    ),
    Mistake(
        '[[fields]]\nleft = ["A", "B"]\nright = "C"\n',
        ('4: fields[1].left: several fields need "join" (add { join = ", " } to convert)',),
        editor=False,
    ),
    Mistake(
        '[[fields]]\nleft = ["A", "A"]\nright = "C"\nconvert = [ { join = " " } ]',
        ("4: fields[1].left: names a field twice",),
        editor=False,
    ),
    Mistake(
        '[[fields]]\nleft = ["A"]\nright = "C"\n',
        ("4: fields[1].left: expected several fields in this list (write one field without brackets)",),
    ),
    Mistake(
        '[[fields]]\nleft = ["A", 1]\nright = "C"\n',
        ('4: fields[1].left: expected a field in double quotes (such as "Customer_Number")',),
    ),
    Mistake(
        '[[fields]]\nleft = "A"\nright = ["C", ""]\n',
        ("5: fields[1].right: may not be empty (a field by the app's own name)",),
    ),
    Mistake(
        '[[fields]]\nleft = ["A", "B"]\nright = "C"\nconvert = ["trim", { join = " " } ]',
        ('6: fields[1].convert[2]: "join" comes before every other step',),
        editor=False,
    ),
    Mistake(
        '[[fields]]\nleft = "A"\nright = ["B", "C"]\nconvert = [{ split = " " }, "trim" ]',
        ('6: fields[1].convert[1]: "split" comes behind every other step',),
        editor=False,
    ),
    Mistake(
        '[[fields]]\nleft = "A"\n',
        (
            "3: fields[1].right: is missing (field of the right side, by the app's own name; several where convert splits a text)",
        ),
        editor=False,
    ),
    Mistake(
        PAIR + 'convert = [ { prefix = "x", suffix = "y" } ]',
        (
            '6: fields[1].convert[1]: "prefix" and "suffix" stand in one table (a step does one thing: write two of them)',
        ),
    ),
    Mistake(
        PAIR + "convert = [ { cut = 3 } ]",
        ("6: fields[1].convert[1]: is not a step (expected one of join, split, prefix, suffix, default)",),
    ),
    Mistake(
        PAIR + 'convert = [ { join = "" } ]',
        ("6: fields[1].convert[1].join: may not be empty (text between the fields)",),
    ),
    Mistake(
        PAIR + 'convert = "upper"',
        (
            "6: fields[1].convert: expected a list in square brackets (steps that a text goes through from left to right, in this order, instead of values; on the way back they are undone)",
        ),
    ),
    Mistake(
        PAIR + 'wniner = "left"',
        ('6: fields[1].wniner: is not a known key (did you mean "winner"?)',),
    ),
    Mistake(
        PAIR + 'winner = "zoh"',
        ('6: fields[1].winner: expected one of newest, left, right, union, hold, zoho, book (did you mean "zoho"?)',),
    ),
    Mistake(
        PAIR + 'zoho = "C"',
        ('6: fields[1].zoho: is another word for "left", which stands there as well (remove one of them)',),
        editor=False,
    ),
    Mistake(
        '[consent]\nleft_to_right = "optout"',
        ('4: consent.left_to_right: expected one of opt_out, tag, off (did you mean "opt_out"?)',),
    ),
    Mistake(
        '[consent]\nnew = "confirmed"',
        ("4: consent.new: expected one of pending, subscribed, unsubscribed",),
    ),
    Mistake(
        '[consent]\nleft_to_write = "off"',
        ('4: consent.left_to_write: is not a known key (did you mean "left_to_right"?)',),
    ),
    Mistake(
        '[consent]\nzoho_to_book = "off"\nleft_to_right = "off"',
        (
            '4: consent.zoho_to_book: is another word for "left_to_right", which stands there as well (remove one of them)',
        ),
        editor=False,
    ),
    Mistake(
        '[consent]\ntag = ""',
        ('4: consent.tag: may not be empty (tag, label, group, list or category that "tag" adds)',),
    ),
    Mistake(
        '[consent]\nwinner = "left"',
        ("4: consent.winner: is not a key of this table (it belongs to the top of the file, above the first [table])",),
    ),
    Mistake(
        '[deletions]\nzoho_to_book = "remove"',
        ("4: deletions.zoho_to_book: expected one of off, tag, delete",),
    ),
    Mistake(
        "[deletions]\ntag = 3",
        ('4: deletions.tag: expected text in double quotes (tag, label, group, list or category that "tag" adds)',),
    ),
    Mistake(
        "[guard]\nopt_out = { more_than = 3 }",
        ('4: guard.opt_out: is not a known key (did you mean "opt_outs"?)',),
    ),
    Mistake(
        "[guard]\nopt_outs = { moer_than = 3 }",
        ('4: guard.opt_outs.moer_than: is not a known key (did you mean "more_than"?)',),
    ),
    Mistake(
        "[mapping]\nwithot = []",
        ('4: mapping.withot: is not a known key (did you mean "without"?)',),
    ),
    Mistake(
        'use = "sales"',
        (
            "3: use: expected a list in square brackets (presets that come first: values of this file replace theirs, its lists are added to theirs)",
        ),
    ),
    Mistake(
        'use = ["sales"]',
        ('3: use[1]: there is no preset "sales" (write DIR/presets.d/sales.toml)',),
        editor=False,
    ),
    Mistake(
        'use = ["a b"]',
        ('3: use[1]: expected the name of a preset (such as "sales", which is the file presets.d/sales.toml)',),
    ),
    Mistake(
        'vars = { "1" = "x" }',
        ("3: vars.1: cannot be the name of a variable (letters, digits, - and _, such as user)",),
    ),
    Mistake(
        "[vars]\nuser = 3",
        ("4: vars.user: expected text in double quotes",),
    ),
    Mistake(
        '[vars]\nuser = "ann"',
        ("4: vars.user: nothing uses ${user} (remove it)",),
        editor=False,
    ),
    Mistake(
        '[vars]\nuser = "ann"\n[[rules]]\nfrom = "left"\nif = [ { owner = "${usr}" } ]',
        (
            '4: vars.user: nothing uses ${user} (did you mean "usr"?)',
            '7: rules[1].if[1].owner: there is no variable ${usr} (did you mean "user"?)',
        ),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { owner = "${user}" } ]',
        ("5: rules[1].if[1].owner: there is no variable ${user} (give it in [vars])",),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { owner = "${}" } ]',
        ("5: rules[1].if[1].owner: ${ begins no variable (write ${NAME}, or $${ for the two signs themselves)",),
        editor=False,
    ),
    Mistake(
        RULE + 'if = [ { owner = "${user" } ]',
        ("5: rules[1].if[1].owner: ${ begins no variable (write ${NAME}, or $${ for the two signs themselves)",),
        editor=False,
    ),
    Mistake(
        'ues = ["sales"]',
        ('3: ues: is not a known key (did you mean "rules"?)',),
    ),
)
"""Each is the only thing that is wrong with its file, but where it says so."""
