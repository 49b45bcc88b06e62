"""Words by their part of speech, the more frequent first; and which part follows which."""

from __future__ import annotations

#: Words that hold sentences together; what stands in one string between commas is one entry.
FUNCTION: dict[str, str] = {
    "det": (
        "the,the,the,the,a,a,the,a,your,this,their,the,its,these,our,some,each,my,his,any,all,"
        "her,every,many,both,another,that,other,more,most,no,such a,those,several,one,certain,"
        "all the,a few,much,either,one of the,a number of,a variety of,many of the,some of the,"
        "a range of,most of the,various,enough,half of the,plenty of,a couple of,neither,what a"
    ),
    "prep": (
        "of,of,of,in,to,for,with,in,on,from,of,by,as,at,about,into,through,like,over,between,after,"
        "without,such as,during,within,before,under,against,across,among,around,including,behind,"
        "along with,due to,based on,according to,because of,as well as,near,rather than,beyond,"
        "toward,since,until,instead of,in terms of,upon,above,despite,in addition to,outside,"
        "along,next to,throughout,in front of,as part of,beside,regardless of,up to,per,below,"
        "on top of,in the middle of,at the end of,except for,apart from,in favour of,ahead of"
    ),
    "pron": (
        "it,you,they,we,I,it,he,she,this,there,one,that,people,everyone,something,these,others,"
        "someone,nothing,anyone,both of them,some,each of them,nobody,most people,many,either"
    ),
    "be": (
        "is,are,was,is,were,has been,is not,can be,will be,are not,have been,may be,had been,"
        "should be,would be,was not,being,remains,remain,becomes,isn't,could be,seems,must be,"
        "wasn't,aren't,might be,has never been,is also,are often,is usually,are called,is known as"
    ),
    "mod": (
        "can,will,may,would,should,have to,could,must,can also,might,cannot,need to,do not,did not,"
        "does not,want to,has to,don't,can't,will not,would not,used to,should not,tend to,didn't,"
        "is able to,are able to,won't,could not,doesn't,helps,is going to,would like to,may not,"
        "help to,begins to,tries to,ought to,had to,is likely to,decided to,managed to,shall"
    ),
    "conj": "and,and,and,or,and,but,or,and,while,as well as,and then,and also,yet,so,nor,plus,not",
    "sub": (
        "that,which,when,if,because,who,so that,where,how,while,what,whether,although,since,why,"
        "as long as,unless,even if,whose,in which,after,before,until,as if,in order that,for which,"
        "no matter how,once,whenever,wherever,as soon as,even though,in case,with which,than"
    ),
    "adv": (
        "also,not,more,often,very,only,then,well,most,even,too,still,however,usually,always,now,"
        "less,never,just,together,sometimes,here,quickly,as well,really,again,today,already,"
        "carefully,almost,easily,perhaps,once,instead,therefore,rather,especially,soon,quite,later,"
        "far,slowly,clearly,at least,likely,simply,finally,first,mostly,over time,for example,"
        "in general,in fact,of course,by hand,on time,at home,at first,in advance,step by step,"
        "once again,as a whole,day by day,in the end,on the other hand,at the same time"
    ),
}  # fmt: skip

#: Beginnings of sentences, by what follows them.
OPENINGS: dict[str, tuple[str, ...]] = {
    "inf": (
        "It is important to", "In order to", "To", "You can", "It is possible to", "Try to",
        "One way to", "We need to", "It helps to", "Make sure to", "The best way to",
        "Another way to", "It is a good idea to", "There are many ways to", "Remember to",
        "I would like to", "It takes time to", "The first step is to", "Be sure to", "Please",
        "Start by deciding what to", "Once you", "It is easy to", "It is hard to", "If you",
        "Nobody wants to", "The next step is to", "When you", "It may be better to", "Do not",
    ),
    "clause": (
        "In addition,", "However,", "For example,", "As a result,", "This means that",
        "Finally,", "For instance,", "Overall,", "I think that", "Some say that", "First,",
        "In conclusion,", "At the same time,", "In other words,", "On the other hand,", "Then",
        "It turns out that", "It is known that", "Moreover,", "Because", "Although", "Even so,",
        "Over the years,", "In many cases,", "Sometimes", "As you can see,", "The reason is that",
        "Yes,", "Unfortunately,", "Most of the time,", "What matters is that", "Sure,", "While",
        "Besides,", "In short,", "Years ago,", "It seems that", "One day,", "Second,", "Third,",
        "The point is that", "Hence", "That is why", "At first,", "In general,", "Usually,",
    ),
    "noun": (
        "This is a", "There are several", "One of the most common", "The main", "There is a",
        "Examples of this are", "It can lead to", "The most important", "Another", "Consider the",
        "It depends on the", "This can be done with", "A good", "An example of this is the",
        "There are different", "Think of the", "Because of the", "Let us look at the",
        "Depending on the", "With the help of", "A typical", "Apart from the", "The answer is the",
        "It is made of", "It is a kind of", "The idea behind the", "Take the", "Compared with the",
    ),
}  # fmt: skip

#: Common words that the sample data of the package do not have, or not as this part of speech.
CONTENT: dict[str, str] = {
    "noun": (
        "people time way world life example system number energy work part water place day year "
        "process example story house room school level group city garden book question problem "
        "answer reason idea change light power hand family child children friend friends music "
        "food health plan team company market price value method model result cause effect user "
        "information research science nature history culture language country law rule goal skill "
        "area space weather season river mountain forest sea island animal plant tree bird fish "
        "road car train ship machine tool device computer network page line word letter sentence "
        "text list table picture colour sound voice heart mind body eye face head night morning "
        "evening week month hour minute moment summer winter wind rain snow fire air earth stone "
        "metal wood paper glass oil salt bread milk tea coffee fruit meat recipe kitchen door "
        "window wall floor roof street town village bridge field farm shop office job teacher "
        "student doctor patient worker writer reader artist player game sport ball race song film "
        "dance party holiday trip journey map gift money bank tax budget cost trade product brand"
    ),
    "adj": (
        "new good important different large small long high great common early simple possible "
        "easy main local social human natural public clear strong free full old young short low "
        "certain special modern open single real useful popular recent hard better best healthy "
        "safe quick careful daily regular warm cold dark bright quiet loud rich poor deep wide "
        "narrow heavy gentle fresh clean dry wet sweet bitter soft rough smooth sharp round flat "
        "empty busy calm proud brave honest kind patient creative final basic central average "
        "similar various specific necessary available able likely wrong right true false nice"
    ),
    "verb": (
        "makes made uses used helps gives gave takes took shows showed includes included allows "
        "allowed provides provided became comes came goes went has had needs needed works worked "
        "keeps kept leads led finds found creates created brings brought means meant begins began "
        "changes changed moves moved grows grew lives lived plays played holds held runs ran turns "
        "turned feels felt seems looked knows knew thinks thought says said tells told asks asked "
        "sees saw hears heard reads wrote writes learns learned teaches taught builds built breaks "
        "broke opens opened closes closed starts started ends ended stops stopped follows followed"
    ),
    "inf": (
        "be make use help give take show find keep create get do have see know think say tell ask "
        "bring become come go work lead change move grow live play hold run turn feel look read "
        "write learn teach build break open close start end stop follow improve reduce increase "
        "choose avoid prevent support understand explain describe consider develop provide include "
        "protect save spend buy sell share send receive prepare cook clean plan test check measure "
        "compare add remove replace connect collect carry cut cover reach solve manage control"
    ),
}  # fmt: skip

#: Part of speech -> weights of what follows; ``.`` ends the sentence.
FLOW: dict[str, str] = {
    "start": "det 30 pron 20 noun 11 adj 10 name 7 prep 6 sub 6 adv 4 num 1",
    "det": "noun 62 adj 35 num 2 name 1",
    "adj": "noun 84 conj 5 adj 5 , 2 prep 4",
    "noun": "prep 27 . 17 , 11 conj 10 verb 12 be 7 mod 6 sub 4 noun 4 to 3 's 2 adv 3",
    "verb": "det 36 prep 19 noun 13 adj 10 pron 5 adv 5 to 4 sub 4 name 3 num 1",
    "inf": "det 41 noun 16 adj 14 prep 14 pron 4 adv 5 sub 4 name 2",
    "be": "adj 28 det 26 verb 16 adv 12 prep 9 noun 5 to 2 sub 2",
    "mod": "inf 90 adv 10",
    "to": "inf 100",
    "prep": "det 46 noun 24 adj 17 name 5 pron 3 num 3 inf 2",
    "pron": "verb 34 mod 30 be 26 adv 6 prep 2 . 2",
    "conj": "noun 24 det 19 adj 16 verb 13 inf 8 pron 9 adv 6 name 4 mod 1",
    "sub": "pron 34 det 26 noun 12 adj 7 verb 7 mod 6 be 5 name 3",
    "adv": "adj 22 verb 22 , 17 . 14 prep 11 inf 5 adv 4 det 5",
    "name": "verb 24 , 13 . 14 be 11 prep 10 conj 10 mod 7 's 6 name 2 sub 3",
    "num": "noun 72 adj 18 prep 5 . 5",
    ",": "conj 28 sub 20 det 14 pron 9 noun 9 adv 7 prep 8 adj 5",
    "'s": "noun 68 adj 32",
}  # fmt: skip

#: Words of programs.
CODE_WORDS = (
    "i data result value n list name count x index item key total number text array node size "
    "values items current left right start end line words price user table row column score "
    "length output input num string element max_value min_value temp target path file config"
)
