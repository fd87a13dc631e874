package import NetworkModel

/// A module whose changes become a part of a SET of their own.
package protocol SetPreparer: Sendable {
    /// Picks its own of `changes`, the first of which is binding 1, and checks them against the present state. Nothing
    /// observable happens yet.
    ///
    /// - Returns: nil when none is its own.
    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)?
}
