//! The members of the storage, as the contract's state has them.

use super::{Deref, Mutable, StorageAsPath, StoragePath, StoragePathTrait};

/// A member: the hash of its name.
pub struct StorageBase<T> {
    pub __base_address__: felt252,
}
impl StorageBaseDrop<T> of Drop<StorageBase<T>> {}
impl StorageBaseCopy<T> of Copy<StorageBase<T>> {}

impl StorageBaseAsPath<T> of StorageAsPath<StorageBase<T>> {
    type Value = T;
    fn as_path(self: @StorageBase<T>) -> StoragePath<T> {
        StoragePathTrait::new(self.__base_address__)
    }
}

impl StorageBaseDeref<T> of Deref<StorageBase<T>> {
    type Target = StoragePath<T>;
    fn deref(self: StorageBase<T>) -> StoragePath<T> {
        self.as_path()
    }
}

/// All members together.
pub struct FlattenedStorage<T> {}
impl FlattenedStorageDrop<T> of Drop<FlattenedStorage<T>> {}
impl FlattenedStorageCopy<T> of Copy<FlattenedStorage<T>> {}

/// The members, for reading.
pub trait StorageTrait<T> {
    type BaseType;
    fn storage(self: FlattenedStorage<T>) -> Self::BaseType;
}

/// The members, for writing.
pub trait StorageTraitMut<T> {
    type BaseType;
    fn storage_mut(self: FlattenedStorage<Mutable<T>>) -> Self::BaseType;
}

impl FlattenedStorageDeref<T, impl Members: StorageTrait<T>> of Deref<FlattenedStorage<T>> {
    type Target = Members::BaseType;
    fn deref(self: FlattenedStorage<T>) -> Members::BaseType {
        self.storage()
    }
}

impl MutableFlattenedStorageDeref<
    T, impl Members: StorageTraitMut<T>,
> of Deref<FlattenedStorage<Mutable<T>>> {
    type Target = Members::BaseType;
    fn deref(self: FlattenedStorage<Mutable<T>>) -> Members::BaseType {
        self.storage_mut()
    }
}
