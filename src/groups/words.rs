//! Words by which the parts of a remark that no ledger knows are told apart: forms of address, relatives, second
//! accounts, units, organisations.

use crate::detect::lexicon::{COMPOUND_SURNAMES, ORGANISATION, RANK};
use crate::text::script::is_han;

/// Common surnames of one character, most frequent first (report on names of 2020, Ministry of Public Security), and rarer
/// ones of 《百家姓》.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任\
卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安\
齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻\
祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁\
沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封官谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强\
帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺\
战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由";

/// What follows a surname in a form of address.
const ADDRESS: &[&str] = &[
    "工",
    "总",
    "董",
    "经理",
    "主管",
    "主任",
    "老师",
    "师傅",
    "师",
    "姐",
    "哥",
    "叔",
    "姨",
    "部长",
    "总监",
    "助理",
    "秘书",
    "书记",
    "律师",
    "医生",
    "博士",
    "教授",
    "队长",
    "班长",
    "组长",
    "院长",
    "处长",
    "科长",
    "厂长",
    "所长",
    "店长",
    "先生",
    "女士",
    "小姐",
    "老板",
    "会计",
    "校长",
    "董事长",
    "总经理",
    "工程师",
    "顾问",
    "专员",
    "代表",
];

/// People who are not the colleague.
const KIN: &[&str] = &[
    "老婆",
    "老公",
    "爱人",
    "家属",
    "妻子",
    "丈夫",
    "太太",
    "媳妇",
    "妈妈",
    "爸爸",
    "母亲",
    "父亲",
    "儿子",
    "女儿",
    "弟弟",
    "妹妹",
    "哥哥",
    "姐姐",
    "对象",
    "男友",
    "女友",
    "男朋友",
    "女朋友",
    "亲属",
    "家人",
    "父母",
    "孩子",
    "妈",
    "爸",
];

/// Marks of a second account of the same person.
const SECOND: &[&str] =
    &["小号", "副号", "二号", "备用号", "备用", "新号", "大号", "工作号", "私人号", "手机号", "2号", "3号"];

/// What a unit within a company ends with.
const UNITS: &[&str] = &[
    "部",
    "中心",
    "处",
    "科",
    "室",
    "办",
    "院",
    "所",
    "厂",
    "组",
    "班",
    "线",
    "车间",
    "工会",
    "门店",
    "基地",
    "分公司",
    "办公室",
    "委员会",
    "团队",
    "项目组",
    "事业群",
    "仓库",
    "工段",
];

/// Words of trades that stand in names of companies.
const TRADES: &[&str] = &[
    "股份",
    "科技",
    "新材",
    "材料",
    "电子",
    "物流",
    "速运",
    "快递",
    "银行",
    "证券",
    "律所",
    "重工",
    "机械",
    "制造",
    "实业",
    "贸易",
    "商贸",
    "传媒",
    "网络",
    "软件",
    "能源",
    "光电",
    "智能",
    "建设",
    "建筑",
    "设计院",
    "研究所",
    "学院",
    "医药",
    "化工",
    "食品",
    "餐饮",
    "物业",
    "保险",
    "基金",
    "投资",
    "咨询",
    "广告",
    "汽车",
    "电气",
    "电力",
    "通信",
];

/// What a part of a remark that no ledger knows looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A relative, not the colleague.
    Kin,
    /// A second account.
    Second,
    /// A job title.
    Title,
    /// Surname and a form of address: 林工, 周经理.
    Address,
    /// 小林, 阿远, 老周.
    Nickname,
    /// A full name.
    FullName,
    /// A unit within a company.
    Unit,
    /// A company or institution.
    Organisation,
    /// Figures.
    Figures,
    /// Anything else.
    Other,
}

/// Says what a folded text looks like.
pub(crate) fn look(text: &str) -> Look {
    let ends_with = |words: &[&str]| words.iter().any(|word| text.ends_with(word));
    if ends_with(KIN) {
        return Look::Kin;
    }
    match text {
        _ if SECOND.iter().any(|word| text.strip_suffix(word).is_some_and(|rest| rest.chars().count() <= 4)) => {
            Look::Second
        }
        _ if text.chars().all(|c| c.is_ascii_digit()) => Look::Figures,
        _ if is_organisation(text) => Look::Organisation,
        _ if is_address(text) => Look::Address,
        _ if RANK.iter().chain(ADDRESS).any(|rank| text.ends_with(rank) && rank.chars().count() > 1) => Look::Title,
        _ if ends_with(UNITS) && text.chars().count() >= 2 => Look::Unit,
        _ if is_nickname(text) => Look::Nickname,
        _ if is_full_name(text) => Look::FullName,
        _ => Look::Other,
    }
}

/// The organisation with which a text begins, where what follows says who there is meant: 北方冷链科技周经理.
pub(crate) fn organisation_of(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(at, _)| at).skip(2);
    let is_person = |rest: &str| matches!(look(rest), Look::Address | Look::FullName);
    ends.map(|at| text.split_at(at)).find(|(head, rest)| is_organisation(head) && is_person(rest)).map(|(head, _)| head)
}

/// Whether a text that follows a full name without a gap leaves it a name.
pub(crate) fn may_follow_a_name(text: &str) -> bool {
    matches!(look(text), Look::Kin | Look::Second | Look::Title | Look::Figures)
        || ADDRESS.contains(&text)
        || text.is_ascii()
}

/// Whether a text that follows a company or department without a gap says who is meant.
pub(crate) fn may_be_a_person(text: &str) -> bool {
    matches!(look(text), Look::Address | Look::Nickname | Look::FullName | Look::Kin | Look::Title)
}

/// Whether a text ends as units do.
pub(crate) fn ends_as_unit(text: &str) -> bool {
    text.chars().count() >= 2 && UNITS.iter().any(|unit| text.ends_with(unit))
}

/// Characters of the shortest word for a unit or a title of more than one character with which a text ends.
pub(crate) fn closing_chars(text: &str) -> Option<usize> {
    let titles = RANK.iter().chain(ADDRESS).filter(|rank| rank.len() > 3);
    let words = UNITS.iter().chain(titles).filter(|word| text.ends_with(**word));
    words.map(|word| word.chars().count()).min()
}

/// Whether a text that follows a company's name without a gap is a unit of that company, and does not make another name
/// of it, such as that of a hospital in a town of the same name.
pub(crate) fn may_follow_a_company(text: &str) -> bool {
    ends_as_unit(text) && !is_organisation(text) && !text.starts_with(['镇', '村', '县', '乡', '路', '街'])
}

/// Whether a text speaks of a relative.
pub(crate) fn names_kin(text: &str) -> bool {
    KIN.iter().any(|word| word.chars().count() > 1 && text.contains(word))
}

/// Whether a text speaks of a second account.
pub(crate) fn names_second(text: &str) -> bool {
    SECOND.iter().any(|word| text.contains(word))
}

fn is_organisation(text: &str) -> bool {
    if text.contains("公司") || text.ends_with("集团") {
        return !ends_as_branch(text);
    }
    let is_company = |word: &str| {
        let Some((before, after)) = text.split_once(word) else { return false };
        // 信息科技部 is a unit, 北方科技销售部 a unit of a company.
        let (before, after) = (before.chars().count(), after.chars().count());
        before >= 2 && (after == 0 || (after >= 3 && ends_as_unit(text)))
    };
    let endings = ORGANISATION.iter().filter(|word| **word != "中心");
    endings.clone().any(|word| text.ends_with(word) && text != *word) || TRADES.iter().any(|word| is_company(word))
}

fn ends_as_branch(text: &str) -> bool {
    ["分公司", "子公司"].iter().any(|branch| text.ends_with(branch)) && text.chars().count() <= 6
}

fn is_address(text: &str) -> bool {
    let of = |surname: &str| text.strip_prefix(surname).is_some_and(|rest| ADDRESS.contains(&rest));
    COMPOUND_SURNAMES.iter().any(|surname| of(surname))
        || text.chars().next().is_some_and(|first| SURNAMES.contains(first) && of(first.encode_utf8(&mut [0; 4])))
        || text.strip_prefix(['老', '小']).is_some_and(|rest| rest.chars().count() <= 3 && is_address(rest))
}

fn is_nickname(text: &str) -> bool {
    let count = text.chars().count();
    let is_latin = text.chars().all(|c| c.is_ascii_alphanumeric());
    let is_doubled = count == 2 && text.chars().next() == text.chars().last();
    is_doubled || is_latin || (text.starts_with(['小', '阿', '老', '大']) && (2..=3).contains(&count))
}

/// Two to four ideographs that begin with a surname.
fn is_full_name(text: &str) -> bool {
    let count = text.chars().count();
    let compound = COMPOUND_SURNAMES.iter().any(|surname| text.starts_with(surname)) && (3..=4).contains(&count);
    let single = text.chars().next().is_some_and(|first| SURNAMES.contains(first)) && (2..=3).contains(&count);
    text.chars().all(is_han) && (compound || single)
}

#[cfg(test)]
mod tests {
    use super::{Look, look};

    #[test]
    fn what_no_ledger_knows_is_told_by_its_look() {
        for (text, expected) in [
            ("林工", Look::Address),
            ("欧阳经理", Look::Address),
            ("老周师傅", Look::Address),
            ("小林", Look::Nickname),
            ("leo", Look::Nickname),
            ("林知远", Look::FullName),
            ("老婆", Look::Kin),
            ("林知远家属", Look::Kin),
            ("小号", Look::Second),
            ("2", Look::Figures),
            ("质量二部", Look::Unit),
            ("滨城分公司", Look::Unit),
            ("信息科技部", Look::Unit),
            ("北方速运", Look::Organisation),
            ("北方科技销售部", Look::Organisation),
            ("滨城大学", Look::Organisation),
            ("高级工程师", Look::Title),
            ("快乐的日子", Look::Other),
        ] {
            assert_eq!(look(text), expected, "{text}");
        }
    }
}
