//! Maps.

use super::{
    Hash, Mutable, MutableTrait, StorageAsPath, StorageAsPointer, StoragePath, StoragePathHashState,
    StoragePathTrait, StoragePointerReadAccess, StoragePointerWriteAccess, Store,
    ValidStorageTypeTrait,
};

/// A map; a key without entry has zeros.
#[phantom]
pub struct Map<K, V> {}

impl ValidStorageTypeMap<
    K, V, +Hash<K, StoragePathHashState>, +ValidStorageTypeTrait<V>,
> of ValidStorageTypeTrait<Map<K, V>>;

/// Reads the entry of a key.
pub trait StorageMapReadAccess<TMemberState> {
    type Key;
    type Value;
    fn read(self: TMemberState, key: Self::Key) -> Self::Value;
}

/// Writes the entry of a key.
pub trait StorageMapWriteAccess<TMemberState> {
    type Key;
    type Value;
    fn write(self: TMemberState, key: Self::Key, value: Self::Value);
}

/// The path of an entry.
pub trait StoragePathEntry<C> {
    type Key;
    type Value;
    fn entry(self: C, key: Self::Key) -> StoragePath<Self::Value>;
}

/// Key and value of a map.
trait EntryInfo<T> {
    type Key;
    type Value;
}

impl EntryInfoImpl<K, V> of EntryInfo<Map<K, V>> {
    type Key = K;
    type Value = V;
}

impl PathEntry<
    T, impl Info: EntryInfo<T>, +Hash<Info::Key, StoragePathHashState>,
> of StoragePathEntry<StoragePath<T>> {
    type Key = Info::Key;
    type Value = Info::Value;
    fn entry(self: StoragePath<T>, key: Info::Key) -> StoragePath<Info::Value> {
        self.update(key)
    }
}

impl MutablePathEntry<
    T,
    +MutableTrait<T>,
    impl Info: EntryInfo<MutableTrait::<T>::InnerType>,
    +Hash<Info::Key, StoragePathHashState>,
> of StoragePathEntry<StoragePath<T>> {
    type Key = Info::Key;
    type Value = Mutable<Info::Value>;
    fn entry(self: StoragePath<T>, key: Info::Key) -> StoragePath<Mutable<Info::Value>> {
        self.update(key)
    }
}

impl MemberEntry<
    T,
    impl PathImpl: StorageAsPath<T>,
    impl EntryImpl: StoragePathEntry<StoragePath<PathImpl::Value>>,
    +Drop<T>,
    +Drop<EntryImpl::Key>,
> of StoragePathEntry<T> {
    type Key = EntryImpl::Key;
    type Value = EntryImpl::Value;
    fn entry(self: T, key: EntryImpl::Key) -> StoragePath<EntryImpl::Value> {
        EntryImpl::entry(PathImpl::as_path(@self), key)
    }
}

impl PathRead<
    T, impl Info: EntryInfo<T>, +Hash<Info::Key, StoragePathHashState>, +Store<Info::Value>,
> of StorageMapReadAccess<StoragePath<T>> {
    type Key = Info::Key;
    type Value = Info::Value;
    fn read(self: StoragePath<T>, key: Info::Key) -> Info::Value {
        let entry: StoragePath<Info::Value> = self.update(key);
        entry.as_ptr().read()
    }
}

impl MutablePathRead<
    T,
    +MutableTrait<T>,
    impl Info: EntryInfo<MutableTrait::<T>::InnerType>,
    +Hash<Info::Key, StoragePathHashState>,
    +Store<Info::Value>,
> of StorageMapReadAccess<StoragePath<T>> {
    type Key = Info::Key;
    type Value = Info::Value;
    fn read(self: StoragePath<T>, key: Info::Key) -> Info::Value {
        let entry: StoragePath<Info::Value> = self.update(key);
        entry.as_ptr().read()
    }
}

impl MutablePathWrite<
    T,
    +MutableTrait<T>,
    impl Info: EntryInfo<MutableTrait::<T>::InnerType>,
    +Hash<Info::Key, StoragePathHashState>,
    +Store<Info::Value>,
    +Drop<Info::Value>,
> of StorageMapWriteAccess<StoragePath<T>> {
    type Key = Info::Key;
    type Value = Info::Value;
    fn write(self: StoragePath<T>, key: Info::Key, value: Info::Value) {
        let entry: StoragePath<Mutable<Info::Value>> = self.update(key);
        entry.as_ptr().write(value)
    }
}

impl MemberMapRead<
    T,
    impl PathImpl: StorageAsPath<T>,
    impl AccessImpl: StorageMapReadAccess<StoragePath<PathImpl::Value>>,
    +Drop<T>,
    +Drop<AccessImpl::Key>,
> of StorageMapReadAccess<T> {
    type Key = AccessImpl::Key;
    type Value = AccessImpl::Value;
    #[inline]
    fn read(self: T, key: AccessImpl::Key) -> AccessImpl::Value {
        self.as_path().read(key)
    }
}

impl MemberMapWrite<
    T,
    impl PathImpl: StorageAsPath<T>,
    impl AccessImpl: StorageMapWriteAccess<StoragePath<PathImpl::Value>>,
    +Drop<T>,
    +Drop<AccessImpl::Key>,
    +Drop<AccessImpl::Value>,
> of StorageMapWriteAccess<T> {
    type Key = AccessImpl::Key;
    type Value = AccessImpl::Value;
    fn write(self: T, key: AccessImpl::Key, value: AccessImpl::Value) {
        self.as_path().write(key, value)
    }
}
