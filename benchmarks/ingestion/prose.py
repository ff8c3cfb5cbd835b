"""Our own sentences in three languages, made from patterns and word lists, so that pages can be filled with known text."""

from __future__ import annotations

import random

SLOTS: dict[str, dict[str, list[str]]] = {
    "en": {
        "n": [
            "cooperation",
            "transparency",
            "infrastructure",
            "preparation",
            "responsibility",
            "administration",
            "communication",
            "readiness",
            "assistance",
            "coordination",
            "education",
            "logistics",
            "maintenance",
            "understanding",
            "consultation",
            "modernisation",
            "representation",
            "interoperability",
        ],
        "p": [
            "partners",
            "neighbours",
            "ministries",
            "institutions",
            "instructors",
            "delegations",
            "headquarters",
            "garrisons",
            "universities",
            "governments",
            "communities",
            "commanders",
            "administrations",
            "organisations",
        ],
        "v": ["strengthens", "supports", "encourages", "describes", "transforms", "accompanies", "complements", "demonstrates", "represents", "anticipates"],
        "a": [
            "long-term",
            "international",
            "regional",
            "maritime",
            "practical",
            "well-known",
            "institutional",
            "professional",
            "multinational",
            "technological",
            "day-to-day",
        ],
        "c": ["Norland", "Estmark", "Valdoria", "the Southern Isles", "Karvenia", "the Lake Republic"],
        "t": [
            "every second year",
            "in the coming decade",
            "during the winter",
            "within the alliance",
            "after the floods",
            "at the national level",
            "in 2031",
            "before the summit",
        ],
    },
    "fr": {
        "n": [
            "coopération",
            "transparence",
            "préparation",
            "responsabilité",
            "communication",
            "disponibilité",
            "assistance",
            "coordination",
            "compréhension",
            "modernisation",
            "représentation",
            "interopérabilité",
            "administration",
            "formation",
        ],
        "p": [
            "partenaires",
            "institutions",
            "instructeurs",
            "délégations",
            "garnisons",
            "universités",
            "gouvernements",
            "collectivités",
            "commandements",
            "organisations",
        ],
        "v": ["renforce", "soutient", "encourage", "accompagne", "transforme", "complète", "démontre", "représente", "anticipe", "facilite"],
        "a": ["internationale", "régionale", "maritime", "institutionnelle", "professionnelle", "multinationale", "technologique", "quotidienne"],
        "c": ["la Norlande", "la Valdorie", "la Karvénie", "la République des Lacs", "l'Estmarche"],
        "t": [
            "tous les deux ans",
            "au cours de la décennie",
            "pendant l'hiver",
            "au sein de l'alliance",
            "après les inondations",
            "au niveau national",
            "en 2031",
            "avant le sommet",
        ],
    },
    "es": {
        "n": [
            "cooperación",
            "transparencia",
            "preparación",
            "responsabilidad",
            "comunicación",
            "disponibilidad",
            "asistencia",
            "coordinación",
            "comprensión",
            "modernización",
            "representación",
            "interoperabilidad",
            "administración",
            "formación",
        ],
        "p": [
            "socios",
            "instituciones",
            "instructores",
            "delegaciones",
            "guarniciones",
            "universidades",
            "gobiernos",
            "comunidades",
            "organizaciones",
            "ministerios",
        ],
        "v": ["fortalece", "apoya", "acompaña", "transforma", "complementa", "demuestra", "representa", "anticipa", "facilita", "favorece"],
        "a": ["internacional", "regional", "marítima", "institucional", "profesional", "multinacional", "tecnológica", "cotidiana"],
        "c": ["Norlandia", "Valdoria", "Karvenia", "la República de los Lagos", "Estmarca"],
        "t": [
            "cada dos años",
            "en la próxima década",
            "durante el invierno",
            "en el seno de la alianza",
            "después de las inundaciones",
            "a escala nacional",
            "en 2031",
            "antes de la cumbre",
        ],
    },
}
PATTERNS = {
    "en": [
        "The {a} {n} of {c} {v} the {n} of its {p}.",
        "Our {p} and their {p} share a {a} programme of {n} {t}.",
        "{c1} {v} the {n} that {a} {p} expect {t}.",
        "Without {a} {n} no {p} can rely on {n}, and mid- to long-term plans fail.",
        "It is for the {p} of {c} to decide how much {n} they need {t}.",
        "A decade of {n} (and of {a} {n}) has shown that {p} learn from {p}.",
        "In the view of {c}, {n} is less costly than {n}; it {v} the {n} of the {p}.",
        "The report on {n} names three {a} aims: {n}, {n} and {n}.",
        "Where {p} meet {p}, {n} follows {t}.",
        "This {v} the work of {a} {p}, whose {n} is described below.",
    ],
    "fr": [
        "La {n} {a} {v} la {n} de ses {p}.",
        "Nos {p} et leurs {p} partagent un programme de {n} {t}.",
        "{c1} {v} la {n} que les {p} attendent {t}.",
        "Sans {n} {a}, aucun des {p} ne peut compter sur la {n}.",
        "Il appartient aux {p} de décider de la {n} qui leur est nécessaire {t}.",
        "Dix ans de {n} (et de {n} {a}) ont montré que les {p} apprennent des {p}.",
        "Selon {c}, la {n} coûte moins cher que la {n} ; elle {v} la {n} des {p}.",
        "Le rapport sur la {n} retient trois buts : {n}, {n} et {n}.",
        "Là où des {p} rencontrent des {p}, la {n} suit {t}.",
        "Cela {v} le travail des {p}, dont la {n} est décrite plus loin.",
    ],
    "es": [
        "La {n} {a} {v} la {n} de sus {p}.",
        "Nuestros {p} y sus {p} comparten un programa de {n} {t}.",
        "{c1} {v} la {n} que los {p} esperan {t}.",
        "Sin {n} {a}, ninguno de los {p} puede confiar en la {n}.",
        "Corresponde a los {p} decidir cuánta {n} necesitan {t}.",
        "Diez años de {n} (y de {n} {a}) han mostrado que los {p} aprenden de los {p}.",
        "Según {c}, la {n} cuesta menos que la {n}; {v} la {n} de los {p}.",
        "El informe sobre la {n} señala tres fines: {n}, {n} y {n}.",
        "Donde los {p} se encuentran con los {p}, la {n} llega {t}.",
        "Esto {v} el trabajo de los {p}, cuya {n} se describe más abajo.",
    ],
}


class Prose:
    """A source of sentences, the same for the same seed."""

    def __init__(self, language: str, seed: int) -> None:
        self.language = language
        self.random = random.Random(f"{language}{seed}")

    def word(self, slot: str) -> str:
        return self.random.choice(SLOTS[self.language][slot])

    def sentence(self) -> str:
        pattern = self.random.choice(PATTERNS[self.language])
        while "{" in pattern:
            start = pattern.index("{")
            slot = pattern[start + 1 : pattern.index("}", start)]
            word = self.word(slot[0])
            if slot.endswith("1"):
                word = word[0].upper() + word[1:]
            pattern = pattern[:start] + word + pattern[pattern.index("}", start) + 1 :]
        return pattern

    def paragraph(self, sentences: int | None = None) -> str:
        return " ".join(self.sentence() for _ in range(sentences or self.random.randint(2, 6)))

    def heading(self) -> str:
        joint = {"en": "and", "fr": "et", "es": "y"}[self.language]
        text = self.random.choice(
            [f"{self.word('n')} {joint} {self.word('n')}", f"{self.word('n')}", f"{self.word('n')} {self.word('a')} {joint} {self.word('n')}"]
        )
        return text[0].upper() + text[1:]

    def lead_in(self) -> str:
        return {
            "en": f"The tasks of {self.word('c')} include:",
            "fr": f"Les tâches des {self.word('p')} comprennent :",
            "es": f"Las tareas de los {self.word('p')} incluyen:",
        }[self.language]

    def item(self) -> str:
        short = {
            "en": f"{self.word('n')} with {self.word('p')} of {self.word('c')}",
            "fr": f"la {self.word('n')} avec les {self.word('p')} de {self.word('c')}",
            "es": f"la {self.word('n')} con los {self.word('p')} de {self.word('c')}",
        }[self.language]
        return short + ";" if self.random.random() < 0.6 else short + ", " + self.word("t") + ";"
