"""What the scenes are made of: products, places, first names, dates."""

from __future__ import annotations

#: Noun, model names, traits.
PRODUCTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("kettle", ("K20", "K40"), ("heat", "water")),
    ("espresso machine", ("E5", "E9"), ("heat", "water", "motor")),
    ("coffee maker", ("C3", "C7"), ("heat", "water")),
    ("steam iron", ("S12", "S14"), ("heat", "water")),
    ("humidifier", ("H6", "H8"), ("water", "wifi")),
    ("robot vacuum", ("R2", "R4"), ("battery", "wifi", "motor")),
    ("stick vacuum", ("V8", "V11"), ("battery", "motor")),
    ("air fryer", ("F30", "F55"), ("heat",)),
    ("toaster", ("T4", "T6"), ("heat",)),
    ("stand mixer", ("M7", "M9"), ("motor",)),
    ("hand blender", ("B2", "B5"), ("motor",)),
    ("desk lamp", ("L4", "L6"), ("light",)),
    ("ceiling lamp", ("L20", "L24"), ("light", "wifi")),
    ("bedside lamp", ("L1", "L2"), ("light", "battery")),
    ("smart plug", ("P1", "P3"), ("wifi",)),
    ("thermostat", ("N5", "N6"), ("wifi", "battery")),
    ("air purifier", ("A15", "A30"), ("wifi", "motor")),
    ("fan heater", ("G8", "G10"), ("heat", "motor")),
    ("doorbell camera", ("D2", "D3"), ("battery", "wifi")),
    ("baby monitor", ("J3", "J4"), ("battery", "wifi")),
    ("bathroom scale", ("W1", "W5"), ("battery",)),
    ("radio alarm", ("Z3", "Z4"), ("light",)),
    ("food processor", ("Q8", "Q9"), ("motor",)),
    ("rice cooker", ("Y6", "Y8"), ("heat",)),
    ("slow juicer", ("U4", "U5"), ("motor",)),
    ("waffle iron", ("I2", "I7"), ("heat",)),
)

CITIES: tuple[str, ...] = (
    "Geneva", "Bergen", "Lyon", "Porto", "Ghent", "Leeds", "Cork", "Turin", "Graz", "Malmo",
    "Aarhus", "Bremen", "Basel", "Gdansk", "Brno", "Split", "Bilbao", "Tampere", "Utrecht",
    "Dundee", "Toledo", "Boise", "Halifax", "Tucson", "Austin", "Omaha", "Perth", "Nagoya",
    "Pune", "Tartu", "Riga", "Varna", "Zurich", "Trieste", "Nantes", "Leipzig", "Cardiff",
    "Salzburg", "Lausanne", "Verona",
)  # fmt: skip

NAMES: tuple[str, ...] = (
    "Mira", "Jonas", "Priya", "Tom", "Aylin", "Kofi", "Sofia", "Ben", "Hanna", "Luis", "Noor",
    "Emil", "Grace", "Ivo", "Lena", "Omar", "Ruth", "Pavel", "Chloe", "Dario", "Yuki", "Anna",
    "Felix", "Zoe", "Matt", "Elif", "Nina", "Paul", "Rosa", "Sam", "Tara", "Viktor", "Wendy",
    "Kim", "Alba", "Joel", "Marta", "Idris", "Greta", "Oskar",
)  # fmt: skip

DAYS: tuple[str, ...] = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip

MONTHS: tuple[str, ...] = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
