//! Clone, Debug and equality of data that is generic over a suite, without asking them of the suite.

/// `Clone`, `Debug`, `PartialEq` and `Eq` for plain data of a suite, which has none of them itself.
macro_rules! plain_data {
    ($name:ident { $($field:ident),* }) => {
        impl<S: Suite> Clone for $name<S> {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone()),* }
            }
        }
        impl<S: Suite> std::fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish()
            }
        }
        impl<S: Suite> PartialEq for $name<S> {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }
        impl<S: Suite> Eq for $name<S> {}
    };
}

pub(crate) use plain_data;
