//! Events of a contract, decoded by the ABI of its class.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use starknet_rust::core::types::{ContractClass, Felt};
use starknet_rust::core::utils::get_selector_from_name;

use crate::rpc::{Node, Receipt};
use crate::{Error, Result, text_of};

/// An event with its fields by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The event's name in the contract.
    pub name: String,
    /// Names and values, keys first as the contract declares them.
    pub fields: serde_json::Map<String, Value>,
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.name)?;
        for (name, value) in &self.fields {
            match value {
                Value::String(text) => write!(f, " {name}={text}")?,
                Value::Array(items) if items.len() > 4 => {
                    write!(f, " {name}=[{} felts]", items.len())?;
                }
                other => write!(f, " {name}={other}")?,
            }
        }
        Ok(())
    }
}

/// Where a field of an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Key,
    Data,
    Nested,
    Flat,
}

#[derive(Clone, Debug, Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "kind")]
    place: Place,
}

/// What an ABI says about an event type.
#[derive(Clone, Debug, Deserialize)]
struct EventType {
    #[serde(rename = "type")]
    entry: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    members: Vec<Value>,
    #[serde(default)]
    variants: Vec<Value>,
}

/// Decoder of the events of one contract.
#[derive(Clone, Debug)]
pub struct Decoder {
    contract: Felt,
    /// By selector: name and fields.
    events: HashMap<Felt, (String, Vec<Field>)>,
}

impl Decoder {
    /// The decoder of a deployed contract, by the ABI that the network holds.
    ///
    /// # Errors
    /// No contract, a class without a readable ABI, failures of the node.
    pub async fn of(node: &Node, contract: Felt) -> Result<Self> {
        let missing =
            || Error::NoContract { address: contract, network: node.network().to_string() };
        let hash = node.class_hash_at(contract).await?.ok_or_else(missing)?;
        match node.class(hash).await? {
            Some(ContractClass::Sierra(class)) => Self::new(contract, &class.abi),
            _ => Err(missing()),
        }
    }

    /// From an ABI.
    ///
    /// # Errors
    /// An ABI that is not a list of entries.
    pub fn new(contract: Felt, abi: &str) -> Result<Self> {
        let bad = |e: serde_json::Error| Error::Class(format!("ABI: {e}"));
        let entries: Vec<Value> = serde_json::from_str(abi).map_err(bad)?;
        let types: Vec<EventType> = entries
            .into_iter()
            .filter(|e| e.get("type").is_some_and(|t| t == "event"))
            .filter_map(|e| serde_json::from_value(e).ok())
            .filter(|t: &EventType| t.entry == "event")
            .collect();
        let fields = |values: &[Value]| -> Vec<Field> {
            values.iter().filter_map(|v| serde_json::from_value(v.clone()).ok()).collect()
        };
        let mut events = HashMap::new();
        for variant in types.iter().flat_map(|t| fields(&t.variants)) {
            let body = types.iter().find(|t| t.name == variant.kind && t.variants.is_empty());
            if let (Some(body), Ok(selector)) = (body, get_selector_from_name(&variant.name)) {
                events.insert(selector, (variant.name, fields(&body.members)));
            }
        }
        Ok(Self { contract, events })
    }

    /// The contract's events in a receipt, in order; those that the ABI does not describe are left out.
    #[must_use]
    pub fn events(&self, receipt: &Receipt) -> Vec<Event> {
        let ours = receipt.events.iter().filter(|(from, ..)| *from == self.contract);
        ours.filter_map(|(_, keys, data)| self.event(keys, data)).collect()
    }

    fn event(&self, keys: &[Felt], data: &[Felt]) -> Option<Event> {
        let (selector, mut keys) = keys.split_first()?;
        let mut data = data;
        let (name, members) = self.events.get(selector)?;
        let mut fields = serde_json::Map::new();
        for member in members {
            let source = if member.place == Place::Key { &mut keys } else { &mut data };
            fields.insert(member.name.clone(), value(&member.kind, source)?);
        }
        Some(Event { name: name.clone(), fields })
    }
}

fn take<'a>(felts: &mut &'a [Felt], n: usize) -> Option<&'a [Felt]> {
    let (head, tail) = felts.split_at_checked(n)?;
    *felts = tail;
    Some(head)
}

/// One value of a Cairo type.
fn value(kind: &str, felts: &mut &[Felt]) -> Option<Value> {
    let hex = |felt: &Felt| Value::String(format!("{felt:#x}"));
    let last = kind.rsplit("::").next().unwrap_or(kind);
    Some(match last {
        "bool" => Value::Bool(take(felts, 1)?[0] != Felt::ZERO),
        "u8" | "u16" | "u32" | "u64" => Value::from(u64::try_from(take(felts, 1)?[0]).ok()?),
        "u256" => {
            let [low, high] = take(felts, 2)? else { return None };
            let (low, high) = (u128::try_from(*low).ok()?, u128::try_from(*high).ok()?);
            Value::String(format!("0x{high:032x}{low:032x}"))
        }
        "felt252>" => {
            let n = usize::try_from(u64::try_from(take(felts, 1)?[0]).ok()?).ok()?;
            Value::Array(take(felts, n)?.iter().map(hex).collect())
        }
        "felt252" => {
            let felt = &take(felts, 1)?[0];
            // Short strings are readable; numbers and hashes almost never are.
            match text_of(*felt).filter(|text| text.len() >= 8) {
                Some(text) => Value::String(text),
                None => hex(felt),
            }
        }
        _ => hex(&take(felts, 1)?[0]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::short_string;

    const ABI: &str = r#"[
      {"type":"function","name":"verify","inputs":[],"outputs":[],"state_mutability":"external"},
      {"type":"event","name":"a::Verified","kind":"struct","members":[
        {"name":"model_id","type":"core::felt252","kind":"key"},
        {"name":"context","type":"core::integer::u256","kind":"data"},
        {"name":"profile","type":"core::felt252","kind":"data"},
        {"name":"outputs","type":"core::array::Span::<core::felt252>","kind":"data"},
        {"name":"by","type":"core::starknet::contract_address::ContractAddress","kind":"data"}]},
      {"type":"event","name":"a::Event","kind":"enum","variants":[
        {"name":"Verified","type":"a::Verified","kind":"nested"}]}]"#;

    #[test]
    fn events_are_decoded_by_the_abi() {
        let decoder = Decoder::new(Felt::ONE, ABI).expect("an ABI");
        let selector = get_selector_from_name("Verified").expect("a name");
        let profile = short_string("conjectured-96").expect("short");
        let felts = |values: &[u32]| values.iter().map(|&v| Felt::from(v)).collect::<Vec<_>>();
        let mut data = felts(&[5, 1]);
        data.push(profile);
        data.extend(felts(&[2, 8, 9, 17]));
        let receipt = |from: Felt, data: Vec<Felt>| Receipt {
            hash: Felt::ZERO,
            block: None,
            fee: 0,
            l2_gas: 0,
            l1_data_gas: 0,
            l1_gas: 0,
            events: vec![(from, vec![selector, Felt::from(7u32)], data)],
            reverted: None,
        };
        let events = decoder.events(&receipt(Felt::ONE, data.clone()));
        let event = events.first().expect("one event");
        let expected = "Verified model_id=0x7 \
            context=0x0000000000000000000000000000000100000000000000000000000000000005 \
            profile=conjectured-96 outputs=[\"0x8\",\"0x9\"] by=0x11";
        let mut words: Vec<_> = expected.split(' ').collect();
        let shown = event.to_string();
        let mut got: Vec<_> = shown.split(' ').collect();
        words.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, words);
        assert!(decoder.events(&receipt(Felt::TWO, data.clone())).is_empty());
        data.truncate(4);
        assert!(decoder.events(&receipt(Felt::ONE, data)).is_empty(), "a truncated event");
    }
}
