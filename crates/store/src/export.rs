//! Everything that is kept of a person as one JSON object, written piece by piece: each piece is
//! a short look, so that an export of any size takes little memory and holds nobody up.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use carrel_model::id::UserId;

use crate::Store;
use crate::error::Result;
use crate::page::{Cursor, PAGE_MAX, PageRequest};
use crate::upkeep::ExportList;

/// What a reader of an export gets to see of its lists.
#[async_trait]
pub trait Sight: Send + Sync + fmt::Debug {
    /// An item of a list, an object of JSON as text, as the reader may see it.
    async fn see(&self, list: ExportList, item: String) -> String;
}

/// Of who sees all that is kept.
#[derive(Debug)]
struct Whole;

#[async_trait]
impl Sight for Whole {
    async fn see(&self, _: ExportList, item: String) -> String {
        item
    }
}

/// An export on its way. What changes meanwhile is in it as it was, or as it is.
#[derive(Debug)]
pub struct Export {
    user: UserId,
    sight: Arc<dyn Sight>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Start,
    List {
        /// Which of [`ExportList::ALL`].
        index: usize,
        after: Option<Cursor>,
        /// An item of it was written.
        begun: bool,
    },
    End,
}

impl Place {
    /// At the beginning of a list.
    fn list(index: usize) -> Self {
        Self::List {
            index,
            after: None,
            begun: false,
        }
    }
}

impl Export {
    /// Of this person, for who sees all of it; nothing is read yet.
    #[must_use]
    pub fn new(user: UserId) -> Self {
        Self::for_sight(user, Arc::new(Whole))
    }

    /// Of this person, for who sees it so; nothing is read yet.
    #[must_use]
    pub fn for_sight(user: UserId, sight: Arc<dyn Sight>) -> Self {
        Self {
            user,
            sight,
            place: Place::Start,
        }
    }

    /// The next piece of the text; `None`: that was all.
    ///
    /// # Errors
    /// There is no such person, also where they were deleted meanwhile, or it cannot be read.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<String>> {
        match std::mem::replace(&mut self.place, Place::End) {
            Place::Start => {
                let mut text = store.export_user(self.user).await?.to_string();
                // The lists come before its closing brace.
                text.pop();
                self.place = Place::list(0);
                Ok(Some(text))
            }
            Place::List {
                index,
                after,
                begun,
            } => match ExportList::ALL.get(index) {
                Some(list) => {
                    let text = self.page(store, (index, *list), after, begun).await?;
                    Ok(Some(text))
                }
                None => Ok(Some("}".to_owned())),
            },
            Place::End => Ok(None),
        }
    }

    async fn page(
        &mut self,
        store: &dyn Store,
        (index, list): (usize, ExportList),
        after: Option<Cursor>,
        mut begun: bool,
    ) -> Result<String> {
        let mut text = String::new();
        if after.is_none() {
            text.push_str(&format!(",\"{}\":[", list.name()));
        }
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = store.export_list(self.user, list, request).await?;
        for item in page.items {
            if begun {
                text.push(',');
            }
            begun = true;
            text.push_str(&self.sight.see(list, item).await);
        }
        self.place = match page.next {
            Some(next) => Place::List {
                index,
                after: Some(next),
                begun,
            },
            None => {
                text.push(']');
                Place::list(index + 1)
            }
        };
        Ok(text)
    }
}
