import NetworkModel
import Synchronization

// What the kernel changes without an event: an interface that lies on a card and has an address of its own is let in by a
// filter of that card or, where the card has none, by promiscuous mode (__dev_set_rx_mode, net/core/dev.c), of which
// nobody is told.

extension InterfaceManager {
    /// Notes that the link below one that came, changed or went is to be looked at again.
    func noteLower(of old: Link?, _ new: Link?, in state: inout State) {
        guard let lower = new?.layerBelow ?? old?.layerBelow else { return }
        if let old, let new, old.isAdministrativelyUp == new.isAdministrativelyUp, old.address == new.address,
            old.layerBelow == new.layerBelow
        {
            return
        }
        state.staleLinks.insert(lower)
    }

    /// Reads the links that are due. On the upkeep thread.
    func refreshLinks() {
        let known = state.withLock { state in
            let indexes = state.staleLinks
            state.staleLinks = []
            return indexes.compactMap { state.rows.row($0)?.link }
        }
        guard !known.isEmpty else { return }
        // One that is gone by now, its event tells of.
        let read = known.map { old in (old, try? platform.link(old.index)) }
        let now = clock.now()
        commit { state, events in
            for case (let old, let link?) in read where old != link {
                // An event that came meanwhile may be newer.
                if state.rows.row(old.index)?.link == old {
                    merge(.link(link), at: now, into: &state, &events)
                } else {
                    state.staleLinks.insert(old.index)
                }
            }
        }
    }
}
