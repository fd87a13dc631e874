import Logging
import NetworkModel
import Synchronization

// What the link message does not carry, and so costs kernel calls of its own: read apart from the events, so that a
// burst of new interfaces is shown and announced at once and described a moment later.

extension InterfaceManager {
    /// How many interfaces are described before the result is published.
    private static let portion = 64

    /// Reads the settings, device and group addresses that are due. On the upkeep thread.
    package func refreshDetails() {
        refreshLinks()
        while let (portion, links) = takeStaleDetails() {
            let details = portion.map { index in links[index].map(describe) }
            let now = clock.now()
            commit { state, _ in
                for (index, detail) in zip(portion, details) {
                    let position = state.position(of: index)
                    guard let detail, position < state.rows.count, state.rows[position].index == index else { continue }
                    var interface = state.rows[position].interface
                    guard interface.settings != detail.settings || interface.device != detail.device else { continue }
                    // The first reading of a new interface is no change.
                    let isReconfigured = interface.settings?.isConfiguredUnlike(detail.settings) ?? false
                    if isReconfigured { state.reconfigured.insert(index) }
                    interface.settings = detail.settings
                    interface.device = detail.device
                    state.rows[position] = state.rows[position].with(
                        interface: interface, configurationChange: isReconfigured ? now : nil)
                }
            }
        }
        refreshMulticastAddresses()
    }

    private func takeStaleDetails() -> ([InterfaceIndex], [InterfaceIndex: Link])? {
        state.withLock { state in
            guard !state.staleDetails.isEmpty else { return nil }
            let portion = Array(state.staleDetails.prefix(Self.portion))
            state.staleDetails.subtract(portion)
            var links: [InterfaceIndex: Link] = [:]
            for index in portion {
                let position = state.position(of: index)
                if position < state.rows.count, state.rows[position].index == index {
                    links[index] = state.rows[position].link
                }
            }
            return (portion, links)
        }
    }

    private func describe(_ link: Link) -> (settings: LinkSettings?, device: Device?) {
        let settings: LinkSettings?
        do {
            settings = try platform.settings(of: link.index)
        } catch {
            if error.code != .noSuchInterface {
                logger.debug(
                    "cannot read the link settings",
                    metadata: ["interface.name": "\(link.name)", "error": "\(error)"])
            }
            settings = nil
        }
        return (settings, platform.device(of: link))
    }

    private func refreshMulticastAddresses() {
        let isDue = state.withLock { state in
            defer { state.staleMulticast = false }
            return state.staleMulticast
        }
        guard isDue else { return }
        do {
            let addresses = try platform.multicastAddresses()
            commit { state, _ in
                for position in state.rows.indices {
                    let row = state.rows[position]
                    let current = addresses[row.index] ?? []
                    guard row.multicastAddresses != current else { continue }
                    var interface = row.interface
                    interface.multicastAddresses = current
                    state.rows[position] = row.with(interface: interface)
                }
            }
        } catch {
            logger.warning("cannot read the multicast addresses", metadata: ["error": "\(error)"])
        }
    }
}

extension LinkSettings {
    /// Whether a change between the two is one that somebody made: speed and duplex follow the medium.
    fileprivate func isConfiguredUnlike(_ other: LinkSettings?) -> Bool {
        guard let other else { return true }
        return autonegotiation != other.autonegotiation || features != other.features || rings != other.rings
            || channels != other.channels || coalescing != other.coalescing || pause != other.pause
    }
}
