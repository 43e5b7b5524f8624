//! The highest band is held to its promise: when too few of its leads were confirmed it is shown as the next, until enough are
//! again. Scores and stored bands stay as they are, so that the share can come back.

use crate::casework::calibration::{BandShare, Lowered, Told, shares};
use crate::casework::voice::Voice;
use crate::casework::world::World;
use crate::model::alert::LetterPart;
use crate::model::audit::AuditEntry;
use crate::model::case::Lane;
use crate::model::person::ManagerRole;
use crate::pipeline::notices::{acting, notice, operators};
use crate::pipeline::shell::Shell;
use crate::store::{BandLowering, DigestRequest, StoreError, new_id};

/// Occasion of the letter, followed by the identifier of the lowering.
pub(super) const OCCASION: &str = "band-lowered";

/// Lowers the highest band or brings it back, by the decisions that are stored. Returns whether anything changed.
///
/// # Errors
/// When the database fails.
pub async fn watch_band(shell: &Shell, world: &World) -> Result<bool, StoreError> {
    let share = shares(&shell.store.band_decisions().await?)[0];
    let is_lowered = is_under_way(shell).await?;
    let changed = match is_lowered {
        false if share.falls_short() => lower(shell, world, share).await?,
        true if share.holds() => shell.store.restore_band(&line(shell, "band.restore", share)).await?,
        _ => false,
    };
    if changed {
        shell.recall_unlinkings().await?;
    }
    Ok(changed)
}

/// Whether the highest band is shown lower now.
pub(super) async fn is_under_way(shell: &Shell) -> Result<bool, StoreError> {
    Ok(under_way(shell).await?.is_some())
}

async fn under_way(shell: &Shell) -> Result<Option<BandLowering>, StoreError> {
    Ok(shell.store.band_lowerings().await?.into_iter().find(|lowering| lowering.until.is_none()))
}

async fn lower(shell: &Shell, world: &World, share: BandShare) -> Result<bool, StoreError> {
    let since = shell.clock.now();
    let BandShare { decided, confirmed, .. } = share;
    let lowering = BandLowering { id: new_id(since), since, until: None, decided, confirmed };
    let told = letters(shell, world, &format!("{OCCASION}:{}", lowering.id));
    shell.store.lower_band(&lowering, &told, &line(shell, "band.lower", share)).await
}

/// One to everybody who looks after the installation or approves in HR.
fn letters(shell: &Shell, world: &World, occasion: &str) -> Vec<DigestRequest> {
    let to_operators = operators(world).into_iter().map(|to| notice(shell, Lane::None, to, occasion));
    let approvers = acting(world, ManagerRole::GroupHr).into_iter();
    to_operators.chain(approvers.map(|to| notice(shell, Lane::GroupHr, to, occasion))).collect()
}

fn line(shell: &Shell, action: &str, share: BandShare) -> AuditEntry {
    AuditEntry {
        at: shell.clock.now(),
        actor: "wanglou".to_owned(),
        action: action.to_owned(),
        object: "high".to_owned(),
        detail: figures(share),
    }
}

/// The counts that may be told.
fn figures(share: BandShare) -> String {
    match share.told() {
        Told { decided: Some(decided), confirmed: Some(confirmed), .. } => {
            format!("{confirmed} of {decided} confirmed")
        }
        Told { decided: Some(decided), .. } => format!("of {decided}"),
        _ => String::new(),
    }
}

/// What the letter says; nothing when the band is back by then.
pub(super) async fn part(shell: &Shell, voice: &Voice) -> Result<Option<LetterPart>, StoreError> {
    let Some(lowering) = under_way(shell).await? else { return Ok(None) };
    let lowered = Lowered::of(lowering.since, lowering.decided, lowering.confirmed);
    let lines = vec![
        voice.reason(&lowered.reason()).to_owned(),
        voice
            .say(
                "请一起核对名册、词条和近期的误判。确认率恢复后自动恢复显示，已作出的结论不受影响。",
                "Please look at directory, terms and recent errors together. It is shown as before by itself once the share is \
                 back; decisions stay as they are.",
            )
            .to_owned(),
    ];
    let title = voice.say("“较高”已自动下调一级显示", "The band \"likelier\" is shown one lower").to_owned();
    let link = shell.config.mail.console().map(|console| format!("{console}/calibration"));
    Ok(Some(LetterPart { title, lines, link, ..LetterPart::default() }))
}
