//! Work groups of the console's world: one in order but for a leaver, one like it, one past its end, one of another company that
//! nobody answers for.

use wanglou::clock::Clock;

use crate::world::{NOW, World, world_with};

/// What stands in the links of letters.
pub(crate) const TOKEN: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

const EMPLOYEES: &str = "工号,姓名,公司,公司代码,部门,职务,在职状态,离职日期,办公邮箱\n\
    XH0001,总一,星河科技,XH,总经办,总经理,在职,,xh0001@xinghe.example\n\
    YZ0001,总九,云舟材料,YZ,总经办,总经理,在职,,yz0001@yunzhou.example\n\
    XH0002,专二,星河科技,XH,人力资源部,主管,在职,,\nXH0003,代三,星河科技,XH,人力资源部,专员,在职,,xh0003@xinghe.example\n\
    YZ0002,专四,云舟材料,YZ,人力资源部,主管,在职,,\nXH0009,集九,星河科技,XH,人力资源部,经理,在职,,\n\
    XH0012,审十二,星河科技,XH,审计部,经理,在职,,\nXH0021,嫌二一,星河科技,XH,销售部,经理,在职,,xh0021@xinghe.example\n\
    XH0022,张二二,星河科技,XH,销售部,专员,在职,,xh0022@xinghe.example\n\
    XH0099,离九九,星河科技,XH,人力资源部,主管,离职,2026-08-31,\n";

/// The same list once somebody more has left.
pub(crate) fn employees_after() -> String {
    EMPLOYEES.replace(
        "XH0022,张二二,星河科技,XH,销售部,专员,在职,,",
        "XH0022,张二二,星河科技,XH,销售部,专员,离职,2026-11-18,",
    )
}

const GROUPS: &str = "群编号,平台,群名称,公司代码,级别,是否临时,建群日期,计划结束日期,最近活跃,成员数,群主工号,管理员工号,本公司登记日期,主要用途\n\
    G901,微信,销售工作群,XH,部门级,否,2025-01-05,,2026-11-19,4,XH0021,,2025-01-06,销售协同\n\
    G902,微信,展会筹备临时群,XH,部门级,是,2026-08-01,2026-09-28,2026-11-10,5,XH0021,,2026-08-02,展会\n\
    G903,微信,销售日常群,XH,部门级,否,2025-03-01,,2026-11-19,4,XH0003,,2025-03-02,销售协同\n\
    G904,钉钉,云舟生产群,YZ,部门级,否,2025-01-05,,2026-11-19,9,XH0099,,2025-01-06,生产排班\n";

const ROSTERS: &str = "群编号,平台,群内备注,角色,入群日期,邀请人,实名关联工号\n\
    G901,微信,星河科技-销售部-嫌二一,群主,2025-01-05,,\nG901,微信,星河科技-人力资源部-代三,成员,2025-01-05,群主,\n\
    G901,微信,星河科技-销售部-张二二,成员,2025-01-05,群主,\nG901,微信,星河科技-人力资源部-离九九,成员,2025-01-05,群主,\n\
    G903,微信,星河科技-人力资源部-代三,群主,2025-03-01,,\nG903,微信,星河科技-销售部-嫌二一,成员,2025-03-01,群主,\n\
    G903,微信,星河科技-销售部-张二二,成员,2025-03-01,群主,\n";

const OFFICIAL: &str = "编号,平台,账号名,账号ID,公司代码,管理员工号,状态,最近发布\nO901,forum,星河科技官方,xh_official,XH,XH0099,在用,2026-11-01\n";

/// The world of the console with these groups.
pub(crate) async fn groups_world() -> World {
    groups_world_at(Clock::standing_at(NOW)).await
}

pub(crate) async fn groups_world_at(clock: Clock) -> World {
    groups_world_with(clock, "").await
}

/// With further settings.
pub(crate) async fn groups_world_with(clock: Clock, settings: &str) -> World {
    let w = world_with(clock, settings).await;
    add_groups(&w);
    w
}

/// Puts the groups, and the people in them, into the ledgers of a world.
pub(crate) fn add_groups(w: &World) {
    let ledgers = w.folder.path().join("watchlists");
    for (file, text) in
        [("employees", EMPLOYEES), ("groups", GROUPS), ("group_rosters", ROSTERS), ("official_accounts", OFFICIAL)]
    {
        std::fs::write(ledgers.join(format!("{file}.csv")), text).unwrap();
    }
    let loaded = w.shell.reload().unwrap();
    assert!(loaded.problems.iter().all(|problem| !problem.is_error()), "{:?}", loaded.problems);
}

/// A link for somebody; gives the address of the own page.
pub(crate) async fn link(w: &World, employee: &str) -> String {
    let token = format!("{}{}", employee.to_lowercase(), &TOKEN[employee.len()..]);
    w.shell.store.add_group_link(&token, &employee.into(), w.shell.clock.now().plus_days(7)).await.unwrap();
    format!("/my-groups/{token}")
}

/// A ledger as it lies in the folder.
pub(crate) fn ledger(w: &World, name: &str) -> String {
    String::from_utf8(w.shell.folder.raw_files().unwrap()[&format!("{name}.csv")].clone()).unwrap()
}
