"""Sentences for outputs in another language, put together from small lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Foreign:
    """A language that outputs may change to."""

    gap: str
    words: Mapping[str, Sequence[str]]
    sentences: Sequence[str]


FOREIGN: Mapping[str, Foreign] = {
    "de": Foreign(
        " ",
        {
            "wer": (
                "Der Uhrmacher", "Die Nachbarin", "Mein Onkel", "Der Fährmann", "Die Bäckerin",
                "Unser Lehrer", "Die Geigerin", "Der Wärter", "Eine Schäferin", "Der Briefträger",
            ),
            "tut": (
                "verkauft", "zählt", "vergisst", "repariert", "versteckt", "bemalt", "trägt",
                "sucht", "vermisst", "putzt",
            ),
            "was": (
                "die Laterne", "den Regenschirm", "das Fahrrad", "die Schublade", "den Kompass",
                "alte Briefe", "das Klavier", "den Koffer", "die Leiter", "grüne Knöpfe",
            ),
            "wo": (
                "am Hafen", "hinter der Mühle", "auf dem Dachboden", "unter der Brücke",
                "im Obstgarten", "neben dem Turm", "am Kanal", "vor dem Tunnel",
            ),
            "wann": ("jeden Dienstag", "seit Mai", "nach dem Essen", "im Regen", "spät im Herbst"),
        },
        (
            "{wer} {tut} {was} {wo}.", "{wann} {tut} niemand {was}.", "{wer} {tut} {wann} {was}.",
            "Man sagt, {was} stehe {wo}.", "Warum {tut} er {was} {wo}?",
        ),
    ),
    "es": Foreign(
        " ",
        {
            "quien": (
                "El relojero", "La vecina", "Mi tío", "El barquero", "La panadera", "El cartero",
                "Nuestra maestra", "El cerrajero", "La pastora", "El jardinero",
            ),
            "hace": (
                "vende", "cuenta", "olvida", "repara", "esconde", "pinta", "lleva", "busca",
                "limpia", "guarda",
            ),
            "que": (
                "la linterna", "el paraguas", "la bicicleta", "el cajón", "la brújula",
                "las cartas viejas", "el piano", "la maleta", "la escalera", "los botones verdes",
            ),
            "donde": (
                "en el puerto", "detrás del molino", "en el desván", "bajo el puente",
                "en el huerto", "junto a la torre", "cerca del canal", "delante del túnel",
            ),
            "cuando": ("cada martes", "desde mayo", "después de cenar", "con lluvia", "en otoño"),
        },
        (
            "{quien} {hace} {que} {donde}.", "{cuando} nadie {hace} {que}.",
            "{quien} {hace} {que} {cuando}.", "Dicen que {que} está {donde}.",
            "¿Por qué {hace} {que} {donde}?",
        ),
    ),
    "zh": Foreign(
        "",
        {
            "谁": (
                "钟表匠", "邻居", "船夫", "面包师", "邮差", "图书管理员", "牧羊人", "锁匠", "园丁",
            ),
            "做": ("修好了", "藏起了", "数着", "忘记了", "擦亮了", "惦记着", "卖掉了", "画下了"),
            "物": ("风铃", "抽屉", "雨伞", "罗盘", "手风琴", "行李箱", "梯子", "茶壶", "旧信"),
            "处": ("在石桥下", "在果园里", "在钟楼旁", "在阁楼上", "在渡口边", "在隧道前"),
            "时": ("昨天傍晚", "每个星期二", "下雨的时候", "天亮以前", "去年冬天"),
        },
        (
            "{谁}{处}{做}{物}。", "{时}，{谁}{做}{物}。", "听说{物}就{处}。",
            "为什么{谁}{做}{物}？", "{时}没有人{处}。",
        ),
    ),
}  # fmt: skip
