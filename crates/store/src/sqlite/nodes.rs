//! Nodes.

use async_trait::async_trait;
use carrel_model::id::NodeId;
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::codec::{document, key, microseconds, time, value, word, word_of};
use super::failure::missing;
use super::write::Durability;
use crate::error::Result;
use crate::node::{NodeOrders, NodeReport, NodeRow, Nodes};

#[async_trait]
impl Nodes for SqliteStore {
    async fn beat(&self, report: NodeReport) -> Result<NodeOrders> {
        self.write(Durability::Relaxed, "noting a beat", move |tx| {
            let orders: String = tx
                .sql
                .prepare_cached(
                    "INSERT INTO node (id, report, beat_us, orders) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET report = excluded.report, beat_us = excluded.beat_us
                     RETURNING orders",
                )?
                .query_row(
                    params![
                        key(report.id.0),
                        serde_json::to_string(&report)?,
                        tx.now_us,
                        word(NodeOrders::Work)?
                    ],
                    |row| row.get(0),
                )?;
            Ok(value(orders)?)
        })
        .await
    }

    async fn nodes(&self, within_ms: u64) -> Result<Vec<NodeRow>> {
        self.read("listing nodes", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT report, beat_us, orders FROM node WHERE beat_us >= ?1 ORDER BY id",
            )?;
            let since = tx.now_us.saturating_sub(microseconds(within_ms));
            let rows = statement.query_map([since], |row| {
                Ok(NodeRow {
                    report: document(row, "report")?,
                    beat_at: time(row, "beat_us")?,
                    orders: word_of(row, "orders")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn order(&self, id: NodeId, orders: NodeOrders) -> Result<()> {
        self.write(Durability::Durable, "ordering a node", move |tx| {
            tx.sql
                .prepare_cached("UPDATE node SET orders = ?2 WHERE id = ?1 RETURNING 1")?
                .query_row(params![key(id.0), word(orders)?], |_| Ok(()))
                .optional()?
                .ok_or_else(|| missing("node", id))
        })
        .await
    }
}
