//! Members of the storage of a contract: bases, paths through maps, pointers to cells.

use crate::hash::{Hash, HashStateTrait};
use crate::ops::Deref;
use crate::pedersen::HashState;
use super::storage_access::{StorageBaseAddress, storage_base_address_from_felt252};
use super::{Store, SyscallResultTrait};

mod base;
mod map;
pub use base::{FlattenedStorage, StorageBase, StorageTrait, StorageTraitMut};
pub use map::{Map, StorageMapReadAccess, StorageMapWriteAccess, StoragePathEntry};

/// Marks what may be written.
#[phantom]
pub struct Mutable<T> {}
impl MutableDrop<T> of Drop<Mutable<T>> {}
impl MutableCopy<T> of Copy<Mutable<T>> {}

/// What is behind a `Mutable`.
trait MutableTrait<T> {
    type InnerType;
}

impl MutableImpl<T> of MutableTrait<Mutable<T>> {
    type InnerType = T;
}

type StoragePathHashState = HashState;

/// A way through maps, as the hash of its keys so far.
pub struct StoragePath<T> {
    __hash_state__: StoragePathHashState,
}
impl StoragePathCopy<T> of Copy<StoragePath<T>> {}
impl StoragePathDrop<T> of Drop<StoragePath<T>> {}

/// The first cell of a value.
pub struct StoragePointer0Offset<T> {
    pub __storage_pointer_address__: StorageBaseAddress,
}
impl StoragePointer0OffsetCopy<T> of Copy<StoragePointer0Offset<T>> {}
impl StoragePointer0OffsetDrop<T> of Drop<StoragePointer0Offset<T>> {}

/// A cell of a value.
pub struct StoragePointer<T> {
    pub __storage_pointer_address__: StorageBaseAddress,
    pub __storage_pointer_offset__: u8,
}
impl StoragePointerCopy<T> of Copy<StoragePointer<T>> {}
impl StoragePointerDrop<T> of Drop<StoragePointer<T>> {}

/// Types whose parts have cells of their own.
pub trait SubPointers<T> {
    type SubPointersType;
    fn sub_pointers(self: StoragePointer<T>) -> Self::SubPointersType;
}

/// As `SubPointers`, for writing.
pub trait SubPointersMut<T> {
    type SubPointersType;
    fn sub_pointers_mut(self: StoragePointer<Mutable<T>>) -> Self::SubPointersType;
}

/// What has a path.
pub trait StorageAsPath<TMemberState> {
    type Value;
    fn as_path(self: @TMemberState) -> StoragePath<Self::Value>;
}

/// What has a cell.
pub trait StorageAsPointer<TMemberState> {
    type Value;
    fn as_ptr(self: @TMemberState) -> StoragePointer0Offset<Self::Value>;
}

/// What can be read.
pub trait StoragePointerReadAccess<T> {
    type Value;
    fn read(self: @T) -> Self::Value;
}

/// What can be written.
pub trait StoragePointerWriteAccess<T> {
    type Value;
    fn write(self: T, value: Self::Value);
}

/// Types that a member of the storage may have.
pub trait ValidStorageTypeTrait<T>;
impl ValidStorageTypeStore<T, +Store<T>> of ValidStorageTypeTrait<T>;
impl ValidStorageTypeNode<T, +StorageTrait<T>> of ValidStorageTypeTrait<T>;

#[generate_trait]
impl StoragePathImpl<T> of StoragePathTrait<T> {
    /// The path that begins with a member.
    fn new(init_value: felt252) -> StoragePath<T> {
        StoragePath { __hash_state__: crate::pedersen::PedersenTrait::new(init_value) }
    }

    /// The address that the path leads to.
    fn finalize(self: StoragePath<T>) -> StorageBaseAddress {
        storage_base_address_from_felt252(self.__hash_state__.finalize())
    }

    /// The path with one more key.
    fn update<Target, Key, impl HashImpl: Hash<Key, StoragePathHashState>>(
        self: StoragePath<T>, key: Key,
    ) -> StoragePath<Target> {
        StoragePath { __hash_state__: HashImpl::update_state(self.__hash_state__, key) }
    }
}

impl PathAsPointer<T, +Store<T>> of StorageAsPointer<StoragePath<T>> {
    type Value = T;
    fn as_ptr(self: @StoragePath<T>) -> StoragePointer0Offset<T> {
        StoragePointer0Offset { __storage_pointer_address__: (*self).finalize() }
    }
}

impl MutablePathAsPointer<
    T, +MutableTrait<T>, +Store<MutableTrait::<T>::InnerType>,
> of StorageAsPointer<StoragePath<T>> {
    type Value = T;
    fn as_ptr(self: @StoragePath<T>) -> StoragePointer0Offset<T> {
        StoragePointer0Offset { __storage_pointer_address__: (*self).finalize() }
    }
}

impl MemberAsPointer<
    T,
    impl PathImpl: StorageAsPath<T>,
    impl PointerImpl: StorageAsPointer<StoragePath<PathImpl::Value>>,
> of StorageAsPointer<T> {
    type Value = PointerImpl::Value;
    fn as_ptr(self: @T) -> StoragePointer0Offset<PointerImpl::Value> {
        self.as_path().as_ptr()
    }
}

impl PointerRead<T, +Store<T>> of StoragePointerReadAccess<StoragePointer0Offset<T>> {
    type Value = T;
    fn read(self: @StoragePointer0Offset<T>) -> T {
        Store::<T>::read(0, self.__storage_pointer_address__).unwrap_syscall()
    }
}

impl MutablePointerRead<
    T, +MutableTrait<T>, +Store<MutableTrait::<T>::InnerType>,
> of StoragePointerReadAccess<StoragePointer0Offset<T>> {
    type Value = MutableTrait::<T>::InnerType;
    fn read(self: @StoragePointer0Offset<T>) -> MutableTrait::<T>::InnerType {
        Store::<MutableTrait::<T>::InnerType>::read(0, self.__storage_pointer_address__)
            .unwrap_syscall()
    }
}

impl MutablePointerWrite<
    T, +MutableTrait<T>, +Store<MutableTrait::<T>::InnerType>,
> of StoragePointerWriteAccess<StoragePointer0Offset<T>> {
    type Value = MutableTrait::<T>::InnerType;
    fn write(self: StoragePointer0Offset<T>, value: MutableTrait::<T>::InnerType) {
        Store::<MutableTrait::<T>::InnerType>::write(0, self.__storage_pointer_address__, value)
            .unwrap_syscall()
    }
}

impl MemberRead<
    T,
    impl PointerImpl: StorageAsPointer<T>,
    impl AccessImpl: StoragePointerReadAccess<StoragePointer0Offset<PointerImpl::Value>>,
> of StoragePointerReadAccess<T> {
    type Value = AccessImpl::Value;
    fn read(self: @T) -> Self::Value {
        self.as_ptr().read()
    }
}

impl MemberWrite<
    T,
    impl PointerImpl: StorageAsPointer<T>,
    impl AccessImpl: StoragePointerWriteAccess<StoragePointer0Offset<PointerImpl::Value>>,
    +Drop<T>,
    +Drop<AccessImpl::Value>,
> of StoragePointerWriteAccess<T> {
    type Value = AccessImpl::Value;
    fn write(self: T, value: Self::Value) {
        let pointer: StoragePointer0Offset<PointerImpl::Value> = self.as_ptr();
        pointer.write(value)
    }
}
