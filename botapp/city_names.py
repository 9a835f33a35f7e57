"""What people call the place whose clock they live by, where Unicode's lists of cities do not have it.

Each zone with its names; a name that several have is asked about.
"""

from __future__ import annotations

NAMES = {
    "Europe/Moscow": "мск, msk, питер, спб, санкт-петербург, петербург, ленинград, st petersburg, saint petersburg,"
    " spb, петроград, сочи, sochi, краснодар, krasnodar, ростов-на-дону, ростов, rostov, воронеж, voronezh, казань,"
    " kazan, нижний новгород, нижний, nizhny novgorod, ярославль, yaroslavl, тула, tula, рязань, тверь, смоленск,"
    " брянск, белгород, курск, липецк, тамбов, пенза, орел, калуга, иваново, кострома, владимир, вологда, архангельск,"
    " мурманск, петрозаводск, псков, великий новгород, чебоксары, йошкар-ола, саранск, ставрополь, махачкала, грозный,"
    " владикавказ, нальчик, новороссийск, анапа, таганрог, химки, балашиха, подольск, подмосковье, сыктывкар",
    "Europe/Samara": "тольятти, togliatti, ижевск, izhevsk",
    "Europe/Ulyanovsk": "димитровград",
    "Asia/Yekaterinburg": "екб, ебург, екатеринбург, ekaterinburg, свердловск, челябинск, chelyabinsk, пермь, perm,"
    " уфа, ufa, тюмень, tyumen, оренбург, сургут, магнитогорск, курган, нижний тагил, ханты-мансийск, нижневартовск",
    "Asia/Novosibirsk": "нск, новосиб, академгородок",
    "Asia/Barnaul": "бийск, горно-алтайск",
    "Asia/Novokuznetsk": "кемерово, kemerovo",
    "Asia/Krasnoyarsk": "абакан, норильск, кызыл",
    "Asia/Irkutsk": "улан-удэ, ulan-ude, братск, ангарск",
    "Asia/Yakutsk": "благовещенск",
    "Asia/Vladivostok": "хабаровск, khabarovsk, владик, находка, комсомольск-на-амуре, уссурийск, биробиджан",
    "Asia/Sakhalin": "южно-сахалинск",
    "Asia/Kamchatka": "петропавловск-камчатский, петропавловск",
    "Europe/Kyiv": "киев, kiev, київ, львов, lviv, львів, харьков, kharkiv, харків, одесса, odesa, odessa, днепр,"
    " запорожье, винница, полтава, чернигов",
    "Europe/Minsk": "гомель, гродно, брест беларусь, витебск, могилев, мінск",
    "Asia/Almaty": "алма-ата, астана, astana, нур-султан, шымкент, караганда",
    "Asia/Tashkent": "ташкент, наманган, андижан",
    "Asia/Tbilisi": "батуми, batumi, кутаиси, тифлис",
    "Asia/Yerevan": "гюмри",
    "Asia/Dubai": "абу-даби, abu dhabi, оаэ, uae, эмираты",
    "Asia/Jerusalem": "тель-авив, tel aviv, хайфа, haifa, израиль",
    "Europe/Istanbul": "анталья, antalya, анкара, ankara, измир, izmir, алания",
    "Asia/Bangkok": "пхукет, phuket, паттайя, pattaya",
    "Asia/Makassar": "бали, bali",
    "Asia/Ho_Chi_Minh": "сайгон, saigon, нячанг, nha trang, дананг, da nang, ханой, hanoi",
    "Asia/Shanghai": "пекин, beijing, peking, гуанчжоу, guangzhou, шэньчжэнь, shenzhen, чэнду",
    "Asia/Kolkata": "дели, delhi, new delhi, мумбаи, mumbai, bombay, гоа, goa, bangalore, bengaluru, бангалор,"
    " chennai, hyderabad",
    "Asia/Tokyo": "осака, osaka, киото, kyoto",
    "Asia/Seoul": "пусан, busan",
    "Europe/Berlin": "мюнхен, munich, гамбург, hamburg, франкфурт, frankfurt, кельн, cologne, koln, штутгарт,"
    " stuttgart, дюссельдорф, dusseldorf, лейпциг, leipzig, дрезден",
    "Europe/Madrid": "барселона, barcelona, валенсия, valencia, севилья, seville, sevilla, малага, malaga",
    "Europe/Rome": "милан, milan, milano, неаполь, naples, флоренция, florence, турин, turin",
    "Europe/Paris": "лион, lyon, марсель, marseille, ницца, nice",
    "Europe/London": "манчестер, manchester, эдинбург, edinburgh, бирмингем, birmingham, ливерпуль, liverpool,"
    " glasgow, england, scotland, wales, англия, шотландия, uk, британия",
    "Europe/Warsaw": "краков, krakow, cracow, вроцлав, wroclaw, гданьск, gdansk",
    "Europe/Prague": "брно, brno",
    "Europe/Amsterdam": "роттердам, rotterdam, гаага, the hague, holland, голландия",
    "Europe/Zurich": "женева, geneva, берн, bern",
    "Europe/Lisbon": "порту, porto",
    "Europe/Belgrade": "нови-сад, novi sad",
    "Europe/Podgorica": "будва, budva",
    "Asia/Nicosia": "лимассол, limassol, пафос, paphos, ларнака, larnaca",
    "America/New_York": "нью йорк, nyc, бостон, boston, вашингтон, washington, washington dc, майами, miami,"
    " филадельфия, philadelphia, атланта, atlanta, орландо, orlando, eastern time, eastern, est, edt,"
    " сша, usa, us, united states of america, америка",
    "America/Chicago": "даллас, dallas, хьюстон, houston, остин, austin, миннеаполис, minneapolis, нью орлеан,"
    " new orleans, nashville, central time, central, cst, cdt,"
    " сша, usa, us, united states of america, америка",
    "America/Denver": "солт-лейк-сити, salt lake city, mountain time, mountain, mst, mdt,"
    " сша, usa, us, united states of america, америка",
    "America/Los_Angeles": "лос анджелес, сан-франциско, san francisco, сиэтл, seattle, сан-диего, san diego,"
    " портленд, portland, лас-вегас, las vegas, la, sf, pacific time, pacific, pst, pdt, silicon valley,"
    " сша, usa, us, united states of america, америка",
    "America/Toronto": "монреаль, montreal, оттава, ottawa, квебек, quebec",
    "America/Edmonton": "калгари, calgary",
    "America/Sao_Paulo": "рио-де-жанейро, rio de janeiro, rio, бразилиа, brasilia",
    "Australia/Sydney": "канберра, canberra",
    "Pacific/Auckland": "веллингтон, wellington",
}
