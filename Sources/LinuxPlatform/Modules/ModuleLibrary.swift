import CKmod
import Glibc
import NetworkManagement
import NetworkModel
import Synchronization

/// libkmod: which modules there are, what they say of themselves, and loading them as modprobe does, with what they depend
/// on, their configuration and the blacklist.
final class ModuleLibrary: Sendable {
    /// One context of libkmod, which is not for two threads at a time.
    ///
    /// `@unchecked Sendable`: the lock around `Lookups` guards the shared one, and no other leaves its function.
    private final class Context: @unchecked Sendable {
        let handle: OpaquePointer

        init?() {
            guard let handle = kmod_new(nil, nil) else { return nil }
            // What it would print, its results say.
            kmod_set_log_priority(handle, 0)
            self.handle = handle
        }

        deinit {
            kmod_unref(handle)
        }
    }

    /// Lookups share a context, so that the indexes stay mapped.
    private let lookups: Mutex<Lookups>

    private struct Lookups {
        var context: Context?
        var byAlias: [String: [Candidate]] = [:]
        var facts: [DriverName: ModuleFacts?] = [:]
    }

    /// A module that an alias leads to.
    struct Candidate: Sendable, Hashable {
        let name: DriverName
        /// It lies among the network drivers, or is part of the kernel, which does not tell.
        let isNetwork: Bool
    }

    /// Beyond that many aliases what is remembered is forgotten: devices may come and go for years.
    private static let mostAliases = 4096

    init() {
        lookups = Mutex(Lookups(context: Context()))
        lookups.withLock { if let context = $0.context { _ = kmod_load_resources(context.handle) } }
    }

    /// The modules that claim an alias, in depmod's order, without those that are blacklisted.
    func candidates(for alias: String) -> [Candidate] {
        lookups.withLock { lookups in
            if let known = lookups.byAlias[alias] { return known }
            guard let context = lookups.context else { return [] }
            if lookups.byAlias.count >= Self.mostAliases { lookups.byAlias = [:] }
            // That there is none is kept too: to find that out costs as much, and most devices are no network's.
            let found = Self.candidates(for: alias, context)
            lookups.byAlias[alias] = found
            return found
        }
    }

    private static func candidates(for alias: String, _ context: Context) -> [Candidate] {
        var list: OpaquePointer?
        guard kmod_module_new_from_lookup(context.handle, alias, &list) >= 0, let list else { return [] }
        defer { kmod_module_unref_list(list) }
        var allowed: OpaquePointer?
        guard kmod_module_apply_filter(context.handle, KMOD_FILTER_BLACKLIST, list, &allowed) >= 0, let allowed
        else { return [] }
        defer { kmod_module_unref_list(allowed) }
        var found: [Candidate] = []
        forEach(allowed) { entry in
            guard let module = kmod_module_get_module(entry) else { return }
            defer { kmod_module_unref(module) }
            guard let text = kmod_module_get_name(module), let name = DriverName(String(cString: text)) else {
                return
            }
            let path = kmod_module_get_path(module).map { String(cString: $0) }
            found.append(Candidate(name: name, isNetwork: path?.contains("/drivers/net/") ?? true))
        }
        return found
    }

    /// nil when there is no such module.
    func facts(of name: DriverName) -> ModuleFacts? {
        lookups.withLock { lookups in
            if let known = lookups.facts[name] { return known }
            guard let context = lookups.context else { return nil }
            var module: OpaquePointer?
            guard kmod_module_new_from_name(context.handle, name.description, &module) >= 0, let module else {
                return nil
            }
            defer { kmod_module_unref(module) }
            let isBuiltIn = kmod_module_get_initstate(module) == Int32(KMOD_MODULE_BUILTIN.rawValue)
            guard isBuiltIn || kmod_module_get_path(module) != nil else {
                // A module may come later; this is not kept.
                return nil
            }
            let facts = Self.facts(module, isBuiltIn: isBuiltIn)
            if lookups.facts.count >= Self.mostAliases { lookups.facts = [:] }
            lookups.facts[name] = facts
            return facts
        }
    }

    private static func facts(_ module: OpaquePointer, isBuiltIn: Bool) -> ModuleFacts {
        var facts = ModuleFacts()
        facts.isBuiltIn = isBuiltIn
        var list: OpaquePointer?
        guard kmod_module_get_info(module, &list) >= 0, let list else { return facts }
        defer { kmod_module_info_free_list(list) }
        var types: [String: String] = [:]
        forEach(list) { entry in
            guard let key = kmod_module_info_get_key(entry).map({ String(cString: $0) }),
                let value = kmod_module_info_get_value(entry).map({ String(cString: $0) })
            else { return }
            let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch key {
            case "version": facts.version = value
            case "description": facts.summary = value
            case "parm" where parts.count == 2:
                facts.parameters.append(ModuleParameter(name: parts[0], summary: parts[1]))
            case "parmtype" where parts.count == 2: types[parts[0]] = parts[1]
            default: break
            }
        }
        for position in facts.parameters.indices {
            facts.parameters[position].type = types.removeValue(forKey: facts.parameters[position].name) ?? ""
        }
        facts.parameters += types.sorted { $0.key < $1.key }.map { ModuleParameter(name: $0.key, type: $0.value) }
        return facts
    }

    /// Blocks until the module has probed its devices.
    func load(_ name: DriverName, options: [String]) throws(PlatformError) {
        try withModule(name) { module throws(PlatformError) in
            // By name, not by alias: the blacklist is for aliases (modprobe.d(5)).
            let status = kmod_module_probe_insert_module(
                module, 0, options.isEmpty ? nil : options.joined(separator: " "), nil, nil, nil)
            guard status >= 0 else { throw PlatformError(driver: "loading \(name)", -status) }
        }
    }

    func unload(_ name: DriverName) throws(PlatformError) {
        try withModule(name) { module throws(PlatformError) in
            let status = kmod_module_remove_module(module, UInt32(KMOD_REMOVE_NOWAIT.rawValue))
            guard status >= 0 else {
                // delete_module(2): not loaded.
                throw status == -ENOENT
                    ? PlatformError(.busy, "unloading \(name): it is not loaded", errno: ENOENT)
                    : PlatformError(driver: "unloading \(name)", -status)
            }
        }
    }

    /// Runs `body` on a context of its own: it may block for seconds, and lookups go on meanwhile.
    private func withModule(
        _ name: DriverName, _ body: (OpaquePointer) throws(PlatformError) -> Void
    ) throws(PlatformError) {
        guard let context = Context() else {
            throw PlatformError(.notSupported, "\(name): libkmod finds no modules for this kernel")
        }
        var module: OpaquePointer?
        let status = kmod_module_new_from_name(context.handle, name.description, &module)
        guard status >= 0, let module else { throw PlatformError(driver: "looking up \(name)", -status) }
        defer { kmod_module_unref(module) }
        try body(module)
    }

    private static func forEach(_ list: OpaquePointer, _ body: (OpaquePointer) -> Void) {
        var entry: OpaquePointer? = list
        while let current = entry {
            body(current)
            entry = kmod_list_next(list, current)
        }
    }
}
