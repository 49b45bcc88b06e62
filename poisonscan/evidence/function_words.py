"""Function words: what a sentence is built with, whatever it is about.

Pronouns, articles, prepositions, conjunctions, auxiliaries, particles, question words and adverbs
of place and time, older registers included: closed classes of each language, compiled by hand. The
most frequent words of a dataset would not do: they hold its topics, its slurs and its datelines.
Negation, degree and quantity are left out: they say what a sentence means, and labels follow it.

Words are in lower case and as the tokeniser cuts them: contractions fall into pieces, scripts
without spaces into single characters.
"""

from __future__ import annotations

from functools import cache

_WORDS: dict[str, str] = {
    "ar": """
        من في على إلى الى عن مع هذا هذه ذلك تلك هؤلاء الذي التي الذين ما ماذا متى أين كيف لماذا هل
        كان كانت يكون تكون سوف أن إن ان أي بين حتى إذا اذا لو لكن ثم أو او أم هو هي هم هما أنا انا
        أنت انت نحن كما مثل عند عندما قبل بعد فوق تحت حيث منذ خلال يا و ف ب ل ك
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines ich du er sie es wir ihr mich dich
        sich uns euch mir dir ihm ihn ihnen mein dein sein unser euer meine deine seine ihre unsere
        dieser diese dieses diesen diesem jener jene jenes und oder aber denn sondern doch dass daß
        weil wenn ob als wie damit obwohl während bevor nachdem sobald solange falls indem sowie
        entweder in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter durch für
        gegen um bis seit zwischen neben hinter wegen trotz ist sind war waren bin bist seid wird
        werden wurde wurden worden habe hast hat haben hatte hatten kann können konnte muss müssen
        soll sollen sollte will wollen darf würde wäre hätte auch so da dann hier dort wo was wer
        wen wem wessen welche welcher welches warum wann woher wohin man selbst
    """,
    "en": """
        a an the this that these those i you he she it we they me him her us them my your his its
        our their mine yours hers ours theirs myself yourself himself herself itself ourselves
        themselves one ones who whom whose which what where when why how whatever whoever whichever
        wherever whenever and or but so yet if because since although though while whereas whether
        as than until till once lest of in on at by for with about against between among into onto
        through throughout during before after above below to from up down out off over under behind
        beyond beside besides within upon across along around toward towards near per via like
        except am is are was were be been being do does did done doing have has had having will
        would shall should can could may might must ought either any some such own same other
        another others also often then there here now thus hence therefore however else perhaps
        maybe indeed something anything everything someone anyone everyone somebody anybody
        everybody o let s d m ll ve re thou thee thy thine thyself ye hath hast doth dost didst
        hadst art wert wast shalt wilt canst unto thereof therein thereby whereof wherein whereby
        wherefore whence thence hither thither whither yea lo ere oft nigh amongst whilst betwixt
        hereby herein forth
    """,
    "es": """
        el la los las un una unos unas lo al del yo tú tu él ella usted nosotros vosotros ellos
        ellas ustedes me te se nos os le les mi mis tus su sus nuestro nuestra este esta esto estos
        estas ese esa eso esos esas aquel aquella aquello que qué quien quién quienes cual cuál
        cuales cuyo donde dónde cuando cuándo como cómo cuanto cuánto porque por para pero sino
        aunque si y e o u pues mientras según de en a con sobre entre hasta desde hacia contra ante
        bajo tras durante es son era eran fue fueron ser sido soy eres somos está están estaba estar
        he has ha han había haber hay alguien alguno cada otro otra otros mismo misma aquí ahí allí
        ahora luego entonces así puede pueden
    """,
    "fr": """
        le la les un une des du de d l au aux je j tu il elle on nous vous ils elles me m te t se s
        lui leur leurs eux moi toi soi mon ma mes ton ta tes son sa ses notre nos votre vos ce cet
        cette ces c ceci cela ça celui celle ceux celles qui que qu quoi dont où quel quelle quels
        quelles lequel laquelle quand comment pourquoi combien et ou mais donc or car si comme
        lorsque puisque quoique parce tandis afin à en dans sur sous par pour avec chez vers entre
        contre depuis pendant avant après jusque jusqu malgré est sont était étaient être été suis
        es sommes êtes ai as a avons avez ont avait avaient avoir eu sera serait fait peut peuvent
        doit quelque quelques chaque autre autres même mêmes aussi ici là y alors ainsi puis
    """,
    "hi": """
        का की के को से में पर ने तक है हैं था थी थे हो होता होती होते हूँ हुआ हुई हुए रहा रही रहे
        गया गई गए कर करना किया जा जाता और या लेकिन मगर कि अगर यदि तो भी ही क्या क्यों कब कहाँ कैसे
        कौन किस जो जिस वह वो यह ये वे मैं हम तुम आप मेरा मेरी हमारा आपका आपकी उनके उनकी उसके उसकी इस
        उस इसके इन उन एक कोई अब तब जब यहाँ वहाँ साथ बाद लिए जैसे सकता सकते
    """,
    "id": """
        yang dan di ke dari untuk pada dengan ini itu adalah ialah oleh sebagai dalam akan telah
        sudah masih bisa dapat harus boleh saya aku kamu anda dia ia kami kita mereka nya ku mu atau
        tetapi tapi namun karena jika kalau bila ketika saat agar supaya bahwa apa siapa mana kapan
        bagaimana mengapa kenapa juga lagi para sebuah seorang setiap antara seperti hingga sampai
        setelah sebelum sehingga maka pun lah kah ada jadi
    """,
    "it": """
        il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle
        dell al allo alla ai agli alle all dal dalla dai nel nello nella nei nelle nell sul sulla
        sui io tu lui lei noi voi loro mi ti si ci vi ne me te se sé mio mia tuo tua suo sua nostro
        vostro questo questa questi queste quello quella quelli quelle che chi cui quale quali
        quando dove come perché quanto e ed o ma però mentre ogni altro altra altri qualche è sono
        era erano essere stato sei siamo ho hai ha abbiamo hanno aveva avere sarà può possono deve
        qui lì là ora poi così allora
    """,
    "ja": """
        の は が を に へ と で も か や な だ た て い る す し く れ ら り よ ね さ そ こ あ う
        え き け せ つ ち ど ば ま み む め ゆ わ ん お ぞ ぜ っ ょ ゃ ゅ じ ず ぬ ほ ふ べ ろ げ
        ご ざ
    """,
    "ko": """
        이 그 저 것 수 등 및 또는 그리고 그러나 하지만 그래서 또 나는 내가 나 너 우리 그는 그녀
        이것 그것 무엇 누가 언제 어디 어떻게 왜 있는 있다 있습니다 합니다 하는 한 할 해 했다 하고
        된 되는 입니다 이다 있어요 해요 는 은 가 을 를 의 에 에서 로 으로 와 과 도 만 부터 까지
    """,
    "nl": """
        de het een der den des ik jij je hij zij ze wij we jullie u mij me jou hem haar ons hen hun
        mijn jouw zijn onze uw dit dat deze die wie wat welke waar wanneer waarom hoe en of maar
        want dus als dan toen omdat doordat hoewel terwijl zodat indien tenzij voordat nadat in op
        aan van voor met door naar bij uit over onder tegen tot om te tussen tijdens sinds is ben
        bent was waren wordt worden werd werden heb hebt heeft hebben had hadden kan kunnen kon moet
        moeten mag mogen zal zullen zou wil willen ook zo iemand er hier daar nu toch weer elk elke
        ander andere zelf
    """,
    "pl": """
        i a w z na do o od po za ze we u przez dla przy pod nad przed między oraz lub albo ale lecz
        więc bo gdyż ponieważ że żeby aby jeśli jeżeli gdy kiedy chociaż niż jak jako czy co kto
        gdzie dlaczego który która które którego której których to ten ta te tego tej tym tych tam
        tu ja ty on ona ono my wy oni one mnie mi ciebie ci jego jej jemu go mu im ich nam nas wam
        was się siebie mój moja twój swój nasz jest są był była było byli być będzie będą jestem ma
        mam mają może można każdy inny sam coś ktoś teraz potem
    """,
    "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas num numa por pelo pela pelos
        pelas para com sobre entre até desde contra após durante ao à aos às eu tu ele ela nós vós
        eles elas você vocês me te se lhe lhes meu minha teu tua seu sua seus suas nosso nossa este
        esta isto esse essa isso aquele aquela aquilo que quem qual quais cujo onde quando como
        quanto porque porquê pois mas e ou embora enquanto é são era eram foi foram ser sido sou
        somos está estão estava estar tem têm tinha ter há havia alguém algum alguma cada outro
        outra outros mesmo mesma aqui ali lá agora então assim pode podem
    """,
    "ru": """
        и в во что он на я с со как а то она так его но да ты к у же вы за бы по ее её мне было вот
        от меня о из ему теперь когда ну ли если или быть был него до вас нибудь опять вам ведь там
        потом себя ей может они тут где есть надо ней для мы тебя их чем была сам чтоб чтобы будто
        чего тоже себе под будет ж тогда кто этот того потому этого какой ним здесь этом один мой
        моя тем нее неё были куда зачем можно при об хотя другой после над тот через эти нас про них
        какая разве эту эта это перед иногда том такой им между пока пусть который которая которые
        которого нам весь свой свою
    """,
    "sv": """
        och i att det som en på är av för med den till har de ett om han hon jag vi ni du man men
        var så sig från vid kan nu när skulle kommer då under också efter eller mot ska skall där
        vad hur varför vem vilken vilka hans hennes mig dig oss er dem min din sin vår era mina dina
        sina denna detta dessa än ut upp in över hade blev blir bli vara varit ha några någon något
        både varje här ju nog dock eftersom medan innan trots mellan genom og jeg til hun et fra hva
        hvorfor hvordan når hvem være også
    """,
    "tr": """
        ve bir bu şu o da de ki mi mı mu mü ne için ile gibi kadar ama fakat ancak veya ya yahut
        çünkü eğer ise hem bazı ben sen biz siz onlar bana sana ona bize size beni seni onu bizi
        sizi benim senin onun bizim sizin kendi var olan olarak oldu olur olduğu olacak idi diye
        sonra önce göre karşı doğru üzere rağmen nasıl neden niçin nerede kim hangi kaç şey böyle
        öyle şimdi yine bile
    """,
    "vi": """
        và của là có được cho với trong trên dưới ở từ đến để mà thì này kia đó ấy những các một mỗi
        tôi bạn anh chị em nó họ chúng ta mình ai gì nào đâu sao khi nếu vì nên nhưng hoặc hay đã
        đang sẽ lại ra vào lên xuống về bởi tại như thế vậy rồi phải cần
    """,
    "zh": """
        的 了 是 在 我 你 您 他 她 它 们 們 这 這 那 哪 有 就 和 与 與 或 但 而 且 因 为 為 所 以
        如 若 则 則 虽 雖 然 却 卻 把 被 让 讓 给 給 对 對 从 從 到 向 于 於 由 跟 同 比 着 著
        过 過 地 得 吗 嗎 呢 吧 啊 呀 哦 嘛 啦 什 么 麼 怎 谁 誰 几 幾 才 已 经 經 曾 将 將 要 会
        會 应 應 该 該 之 乎 者 矣 焉 哉 兮 其 何 乃 亦 皆 夫 惟 岂 豈 吾 汝 尔 爾 彼 此 自 些 个
        個 上 下 里 裡 中 后 後 前 时 時 当
    """,
}


@cache
def function_words() -> dict[str, frozenset[str]]:
    """Return the function words of each language (ISO 639-1 code), in lower case."""
    return {language: frozenset(words.split()) for language, words in _WORDS.items()}


@cache
def all_function_words() -> frozenset[str]:
    """Return those of all languages together."""
    return frozenset().union(*function_words().values())
