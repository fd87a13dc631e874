/// How long a row lives, and what may be done with it (StorageType, RFC 2579).
package enum StorageType: UInt8, Sendable, Hashable, CaseIterable {
    case other = 1
    /// Lost when the daemon ends.
    case volatile = 2
    /// Kept on disk.
    case nonVolatile = 3
    /// Kept; may be changed but not removed.
    case permanent = 4
    /// Kept; may be neither changed nor removed.
    case readOnly = 5
}
