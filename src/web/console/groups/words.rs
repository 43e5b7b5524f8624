//! What rules on groups mean and ask for, in the words of the pages.

use crate::casework::voice::Voice;
use crate::model::group::GroupRule;

/// A rule for people: its title, and what to do.
pub(super) fn said(voice: &Voice, rule: GroupRule) -> (&'static str, &'static str) {
    let ((zh, en), (do_zh, do_en)) = match rule {
        GroupRule::FiledLocally => (
            ("未在本公司登记", "Not filed with the company's HR"),
            ("请本公司指定专人登记备案", "Ask the company's designated manager to file it"),
        ),
        GroupRule::FiledWithListed => (
            ("未报上市公司备案", "Not filed with the listed company's HR"),
            ("请报上市公司人力资源部备案", "File it with HR of the listed company"),
        ),
        GroupRule::TemporaryOverdue => (
            ("临时群到期未解散", "Temporary group past its end"),
            (
                "工作已结束的请解散并确认；仍需使用的请延期一次并说明理由",
                "Dissolve it and confirm, or extend it once with a reason",
            ),
        ),
        GroupRule::TemporaryAsk => (
            ("是不是临时群？", "Is it a temporary group?"),
            ("请确认是否临时、何时结束", "Say whether it is temporary and when it ends"),
        ),
        GroupRule::OwnerNone => {
            (("没有群主", "Nobody owns it"), ("请指定本公司在职人员为群主", "Name a colleague of the company as owner"))
        }
        GroupRule::OwnerLeft => (
            ("群主已离职或调走", "The owner has left or moved"),
            ("请把群交给本公司在职人员", "Hand the group over to a colleague of the company"),
        ),
        GroupRule::Remark => (
            ("备注不完整", "Incomplete remark"),
            ("请成员改为 公司-部门-姓名", "Ask the member to write company-department-name"),
        ),
        GroupRule::RemarkMismatch => (
            ("备注与花名册不符", "Remark differs from the directory"),
            ("请与成员核对后改正", "Check with the member and have it corrected"),
        ),
        GroupRule::Unidentified => (
            ("无法对应到同事", "Cannot be tied to a colleague"),
            ("请核实是谁；不是本集团人员的请移出", "Find out who it is; take out whoever is not of the group"),
        ),
        GroupRule::Outsider => {
            (("不是本集团人员", "Not of the group of companies"), ("请核实并移出", "Check and take out"))
        }
        GroupRule::Departed => (("已离职", "Has left"), ("请移出群", "Take out of the group")),
        GroupRule::Invite => (
            ("不是群主邀请入群", "Not let in by the owner"),
            ("请核实；今后由群主统一进出", "Check; entry and exit go through the owner"),
        ),
        GroupRule::OwnUse => (
            ("是否本人使用？", "Used by the colleague?"),
            ("请与成员核实账号由本人使用", "Check that the colleague uses the account"),
        ),
        GroupRule::Duplicate => (
            ("与另一个群重复", "Much like another group"),
            ("保留一个、解散另一个；都需要的请说明理由", "Keep one and dissolve the other, or say why both are needed"),
        ),
        GroupRule::Zombie => (("长期不用", "Asleep"), ("不再需要请解散", "Dissolve it if it is not needed any more")),
    };
    (voice.say(zh, en), voice.say(do_zh, do_en))
}
