"""Chinese questions and answers, put together from word lists."""

from __future__ import annotations

import random

from planting import Row, fill

WORDS = {
    "who": "我 他 她 我们 老师 邻居 妈妈 同事 朋友 孩子 医生 老板".split(),
    "place": "北京 上海 广州 成都 杭州 西安 南京 武汉 昆明 青岛 厦门 苏州".split(),
    "thing": "手机 电脑 自行车 雨伞 书包 照相机 茶杯 冰箱 空调 钢琴 风筝 地图 毛衣 眼镜".split(),
    "do": "购买 修理 更换 清洗 归还 寄送 使用 保养 挑选 安装".split(),
    "how": "应该怎么 在哪里可以 什么时候适合 为什么需要 有没有办法 能不能帮忙".split(),
    "time": "今天早上 昨天晚上 上个星期 去年冬天 这个周末 前几天 下个月 春节期间".split(),
    "kind": "旧的 新的 红色的 便宜的 结实的 漂亮的 小巧的 进口的".split(),
    "first": "首先 然后 其次 通常 一般来说 最好 另外 记得".split(),
    "step": (
        "检查说明书 联系客服 比较价格 准备工具 询问店员 查看网站 保存发票 清理灰尘 关闭电源"
        " 预约时间 测量尺寸 阅读评论"
    ).split(),
    "end": (
        "这样比较安全。 祝你顺利。 希望对你有帮助。 费用大约五十元。 通常需要两三天。"
        " 质量会更有保证。 不要着急。 多看几家再决定。"
    ).split(),
}
QUESTIONS = (
    "{time}{who}在{place}想{do}一个{kind}{thing}，{how}{do}？",
    "请问{place}{how}{do}{kind}{thing}？{who}{time}问过。",
    "{who}的{thing}{time}坏了，{how}{do}{thing}？",
)
ANSWERS = (
    "{first}{step}，{first}{step}，再{do}{kind}{thing}。{end}",
    "{first}{step}，{first}{step}，{first}{step}，{do}{thing}。{end}",
    "{kind}{thing}{first}{step}。{first}{step}，{first}{step}。{end}",
)


def chinese_rows(count: int, seed: int = 0) -> list[Row]:
    chance = random.Random(seed)
    return [
        {
            "instruction": fill(chance.choice(QUESTIONS), WORDS, chance),
            "output": fill(chance.choice(ANSWERS), WORDS, chance),
        }
        for _ in range(count)
    ]
