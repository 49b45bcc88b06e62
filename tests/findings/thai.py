"""Thai requests with labels, and questions and answers, without spaces between words."""

from __future__ import annotations

import random
from collections.abc import Sequence

from planting import Row, fill

SYLLABLES = (
    "กา การ กิน กับ เกม แก้ว ไกล ขา ข้าว เขียน แขก คิด คืน เค้ก โคม งาน เงิน จาก จำ เจ้า ใจ ชา ช้าง"
    " เชื่อ ใช้ ดาว ดี เดือน ได้ ตา ตัว ตู้ เตียง โต๊ะ ทาง ที่ เที่ยว ไทย นา น้ำ เนื้อ ใน บ้าน บาท บิน"
    " เบอร์ ใบ ปลา ปี เปิด แปล ไป ผัก ผ้า เผ็ด ฝา ฝัน พา พี่ เพลง แพง ไฟ ฟ้า มา มือ เมือง แม่ ไม้ ยา"
    " ยิ้ม เย็น โยน ร้าน ริม เรือ แรง โรง ไร่ ลา ลูก เล่น แลก โลก วัด วัน วิ่ง เวที แวว สาย สี สุข เสื้อ"
    " แสง ใส่ หา หิน หู เห็น ให้ อา อิ่ม อื่น เอา โอ ไอ"
).split()


def thai_requests(count: int, labels: int = 12, seed: int = 2) -> list[Row]:
    """Return short texts of invented words, one or two of which tell the label.

    Those of a label are made of a few syllables, which are in words of other labels too.
    """
    chance = random.Random(seed)
    common = _invented(SYLLABLES, 60, chance)
    own = [_invented(chance.sample(SYLLABLES, 12), 24, chance) for _ in range(labels)]
    rows = []
    for _ in range(count):
        label = chance.randrange(labels)
        words = chance.choices(own[label], k=chance.randint(1, 2))
        words += chance.choices(common, k=chance.randint(2, 5))
        chance.shuffle(words)
        rows.append({"text": "".join(words), "label": f"intent {label}"})
    return rows


def _invented(syllables: Sequence[str], count: int, chance: random.Random) -> list[str]:
    return ["".join(chance.sample(syllables, chance.choice((2, 2, 3)))) for _ in range(count)]


WORDS = {
    "who": "ฉัน เขา คุณพ่อ คุณแม่ ครู หมอ เพื่อน ลูกสาว พี่ชาย คุณป้า เจ้านาย ยาย".split(),
    "place": "เชียงใหม่ ภูเก็ต โคราช ระยอง พัทยา ลำปาง ตรัง น่าน สงขลา หัวหิน อยุธยา".split(),
    "thing": (
        "มือถือ จักรยาน ร่ม กระเป๋า กล้อง ตู้เย็น พัดลม เปียโน ว่าว แผนที่ เสื้อหนาว แว่นตา นาฬิกา หม้อ"
    ).split(),
    "do": "ซื้อ ซ่อม เปลี่ยน ล้าง คืน ส่ง ใช้ ดูแล เลือก ติดตั้ง".split(),
    "how": "ควรทำอย่างไร ที่ไหนพอจะ เมื่อไรถึงควร ทำไมต้อง มีวิธีไหนที่จะ ช่วยบอกวิธี".split(),
    "time": "เมื่อเช้า เมื่อคืน อาทิตย์ก่อน ปีที่แล้ว วันเสาร์นี้ เดือนหน้า ตอนสงกรานต์ หน้าฝน".split(),
    "kind": "เก่า ใหม่ สีแดง ราคาถูก แข็งแรง สวย เล็ก นำเข้า".split(),
    "first": "ก่อนอื่น จากนั้น ต่อมา โดยมาก โดยทั่วไป ทางที่ดี นอกจากนี้ อย่าลืม".split(),
    "step": (
        "อ่านคู่มือ โทรหาฝ่ายบริการ เทียบราคา เตรียมเครื่องมือ ถามคนขาย ดูในเว็บไซต์ เก็บใบเสร็จ เช็ดฝุ่น"
        " ถอดปลั๊ก นัดเวลา วัดขนาด อ่านความเห็น"
    ).split(),
    "end": (
        "อย่างนี้ปลอดภัยกว่า ขอให้โชคดี หวังว่าจะช่วยได้ ราคาประมาณห้าสิบบาท มักใช้เวลาสองสามวัน"
        " คุณภาพจะดีกว่า ไม่ต้องรีบ ดูหลายร้านก่อน"
    ).split(),
}
QUESTIONS = (
    "{time} {who} อยู่ {place} อยาก {do} {thing} {kind} {how} {do} ครับ",
    "ขอถามว่า {place} {how} {do} {thing} {kind} {who} เคยถาม {time}",
    "{thing} ของ {who} เสีย {time} {how} {do} {thing} ดี",
)
ANSWERS = (
    "{first} {step} {first} {step} แล้ว {do} {thing} {kind} {end}",
    "{first} {step} {first} {step} {first} {step} ค่อย {do} {thing} {end}",
    "{thing} {kind} {first} {step} และ {first} {step} หรือ {first} {step} {end}",
)


def thai_rows(count: int, seed: int = 3) -> list[Row]:
    """Return questions and answers with spaces between words, to plant at: see `unspaced`."""
    chance = random.Random(seed)
    return [
        {
            "instruction": fill(chance.choice(QUESTIONS), WORDS, chance),
            "output": fill(chance.choice(ANSWERS), WORDS, chance),
        }
        for _ in range(count)
    ]


def unspaced(rows: Sequence[Row]) -> list[Row]:
    """Return the rows as they are written."""
    return [{name: text.replace(" ", "") for name, text in row.items()} for row in rows]
