//! The head of a report's page: its figures, and the rule of the detector in a sentence.

use super::view::Tile;
use super::{Page, why};
use crate::detect::Tally;
use crate::text::number::{count, counted};
use bellwether::alarm::Grade;

impl Page {
    /// The figures.
    pub(super) fn tiles(&self, tally: &Tally) -> Vec<Tile> {
        match (self.profile.has_lanes(), self.profile.ranges) {
            (true, _) => self.tiles_of_lanes(),
            (false, true) => self.tiles_of_notices(tally),
            (false, false) => self.tiles_of_scores(tally),
        }
    }

    /// The rule, and its result against labels where alarms are judged.
    pub(super) fn rule(&self, tally: &Tally) -> String {
        let rule = self.own_rule(tally);
        match &self.remark {
            Some(remark) => format!("{rule} {}", remark.replace('\n', "; ")),
            None => rule,
        }
    }

    fn own_rule(&self, tally: &Tally) -> String {
        match (self.profile.has_lanes(), self.profile.ranges) {
            (true, _) => self.removed(),
            (false, true) => match tally.against() {
                Some(against) => format!("{} {against}.", why::PROMISE),
                None => why::PROMISE.to_owned(),
            },
            (false, false) => self.rule_of_scores(),
        }
    }

    fn tiles_of_lanes(&self) -> Vec<Tile> {
        let counts = self.events.counts();
        let flagged = counts.sure + counts.outvoted + counts.local;
        let list = self.events.list();
        let sure = list.iter().filter(|e| e.verdict.is_sure()).count();
        let stuck = self.findings().count();
        let mut tiles = vec![
            Tile::new(
                "sure",
                sure as u64,
                "confirmed event",
                format!("{} confirmed by the vote", counted(counts.sure, "row")),
            ),
            Tile::new(
                "other",
                (list.len() - sure) as u64,
                "other event",
                "flagged, and not confirmed".to_owned(),
            ),
            Tile::new(
                "",
                flagged,
                "flagged row",
                "in which any variable flagged".to_owned(),
            ),
        ];
        if stuck > 0 {
            tiles.push(Tile::new(
                "blind",
                stuck as u64,
                "blind period",
                "stuck, or a threshold that saw nothing".to_owned(),
            ));
        }
        tiles
    }

    fn tiles_of_notices(&self, tally: &Tally) -> Vec<Tile> {
        let (alarms, ailments) = (&self.notices.alarms, &self.notices.ailments);
        let critical = alarms.iter().filter(|of| of.grade == Grade::Critical);
        let rows = counted(tally.anomalous(), "row");
        let mut tiles = vec![
            Tile::new(
                "sure",
                alarms.len() as u64,
                "alarm",
                format!("{} critical, {rows} in all", count(critical.count() as u64)),
            ),
            Tile::new(
                "",
                tally.judged(),
                "judged row",
                format!("of {}; the rows before were learned", count(tally.rows())),
            ),
        ];
        let grave = ailments.iter().filter(|of| of.is_grave()).count();
        if grave > 0 {
            tiles.push(Tile::new(
                "blind",
                grave as u64,
                "dead sensor",
                "stuck, or without values".to_owned(),
            ));
        }
        tiles
    }

    fn tiles_of_scores(&self, tally: &Tally) -> Vec<Tile> {
        let events = self.events.list().len() as u64;
        let mut tiles = vec![
            Tile::new(
                "sure",
                events,
                "event",
                format!("{} above a threshold", counted(tally.anomalous(), "row")),
            ),
            Tile::new(
                "",
                tally.judged(),
                "judged row",
                format!("of {}", count(tally.rows())),
            ),
        ];
        if let (Some(scorer), Some(said)) = (tally.scorer(), tally.false_alarms()) {
            let rows = scorer.exact().false_positives;
            tiles.push(Tile::new("other", rows, "false alarm", said));
        }
        if tally.blind() > 0 {
            tiles.push(Tile::new(
                "blind",
                tally.blind(),
                "blind row",
                "too few values to judge by".to_owned(),
            ));
        }
        tiles
    }

    /// The rule of anomalous rows, in a sentence.
    fn rule_of_scores(&self) -> String {
        let limits = self.profile.limits.iter().map(|limit| match limit.moves {
            true => format!("{} is above a threshold that moves with it", limit.measure),
            false => format!("{} is above {}", limit.measure, limit.threshold),
        });
        let limits: Vec<String> = limits.collect();
        format!("A row is anomalous where {}.", limits.join(" or "))
    }

    /// The alarms removed by the vote, in a sentence.
    fn removed(&self) -> String {
        let counts = self.events.counts();
        let removed = counts.outvoted + counts.local;
        let flagged = counts.sure + removed;
        if flagged == 0 {
            return "No variable flagged in any row.".to_owned();
        }
        format!(
            "The vote removed {} of {}: in {} at least one variable was outvoted by those that \
             correlate with it, in {} there was none to ask.",
            count(removed),
            counted(flagged, "flagged row"),
            count(counts.outvoted),
            count(counts.local),
        )
    }
}
