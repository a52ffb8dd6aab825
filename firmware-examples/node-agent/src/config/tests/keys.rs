//! The keys of the structures, asked of serde: a structure names its fields to whoever reads it.

use super::super::Config;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::cell::Cell;
use std::collections::BTreeSet;

type Error = serde::de::value::Error;

/// Paths of all keys.
pub fn all() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let fields = Cell::new(&[][..]);
        // It fails at the end of the path, where it has seen what it came for.
        let _ = Config::deserialize(Walk {
            path: &path,
            fields: &fields,
        });
        for field in fields.get() {
            let mut inner = path.clone();
            inner.push(*field);
            found.insert(inner.join("."));
            open.push(inner);
        }
    }
    found
}

/// A document with one key, that of the path.
#[derive(Clone, Copy)]
struct Walk<'w> {
    path: &'w [&'static str],
    fields: &'w Cell<&'static [&'static str]>,
}

impl<'de> Deserializer<'de> for Walk<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("a plain value"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.path {
            [] => {
                self.fields.set(fields);
                Err(Error::custom("the end of the path"))
            }
            path => visitor.visit_map(One {
                path,
                fields: self.fields,
                given: false,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(One {
            path: self.path,
            fields: self.fields,
            given: false,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// A structure with one field, or a sequence of one item.
struct One<'w> {
    path: &'w [&'static str],
    fields: &'w Cell<&'static [&'static str]>,
    given: bool,
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        match self.path.split_first() {
            Some((name, rest)) if !self.given => {
                (self.path, self.given) = (rest, true);
                seed.deserialize(StrDeserializer::new(name)).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Walk {
            path: self.path,
            fields: self.fields,
        })
    }
}

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match std::mem::replace(&mut self.given, true) {
            true => Ok(None),
            false => seed
                .deserialize(Walk {
                    path: self.path,
                    fields: self.fields,
                })
                .map(Some),
        }
    }
}
