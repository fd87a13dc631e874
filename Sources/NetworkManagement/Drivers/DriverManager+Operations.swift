package import NetworkModel
import Synchronization

extension OperationKind {
    /// Argument: options to load with, "NAME=VALUE" separated by spaces; empty for those kept of the driver. On the system
    /// as a whole, the driver's name stands first.
    package static let driverLoad = OperationKind("driver-load")
    /// Argument: empty, or "force": although interfaces of it are up.
    package static let driverUnload = OperationKind("driver-unload")
    /// Unload and load. Argument: as of load; "force" may stand first.
    package static let driverReload = OperationKind("driver-reload")
    /// Argument: "NAME=VALUE", a parameter of the loaded driver.
    package static let driverParameter = OperationKind("driver-parameter")
    /// Argument: the driver; empty for the best. "force" may stand first.
    package static let deviceBind = OperationKind("device-bind")
    /// Argument: empty, or "force".
    package static let deviceUnbind = OperationKind("device-unbind")
    /// Unbind and bind. Argument: as of bind.
    package static let deviceRebind = OperationKind("device-rebind")
    /// One step of the recovery. Argument: the step; "force" may stand first.
    package static let deviceRecover = OperationKind("device-recover")
}

/// The argument of an operation on a driver or a device, taken apart.
struct DriverOrder {
    enum Action {
        case load, unload, reload, parameter, bind, unbind, rebind, recover
    }

    let action: Action
    var driver: DriverName?
    var device: DeviceAddress?
    var isForced = false
    var options: [String] = []
    var step: RecoveryStep?

    /// - Throws: `.invalidValue` for an argument that is none of the kind.
    init(_ order: OperationOrder) throws(ManagementError) {
        var words = order.argument.split(separator: " ").map(String.init)
        switch order.kind {
        case .driverLoad: action = .load
        case .driverUnload: action = .unload
        case .driverReload: action = .reload
        case .driverParameter: action = .parameter
        case .deviceBind: action = .bind
        case .deviceUnbind: action = .unbind
        case .deviceRebind: action = .rebind
        case .deviceRecover: action = .recover
        default: throw ManagementError(.invalidValue, "\(order.kind) is nothing done to drivers")
        }
        if words.first == "force" {
            isForced = true
            words.removeFirst()
        }
        switch order.target {
        case .driver(let name): driver = DriverName(name)
        case .device(let address):
            device = address
            if action == .bind || action == .rebind, !words.isEmpty {
                driver = try Self.name(words.removeFirst())
            } else if action == .recover {
                step = words.isEmpty ? nil : RecoveryStep(rawValue: words.removeFirst())
                guard step != nil else {
                    let steps = RecoveryStep.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ManagementError(.invalidValue, "a step is one of \(steps)")
                }
            }
        case .system where action == .load && !words.isEmpty: driver = try Self.name(words.removeFirst())
        default: throw ManagementError(.invalidValue, "\(order.kind) is not done to \(order.target)")
        }
        let isAboutDriver = action == .load || action == .unload || action == .reload || action == .parameter
        guard isAboutDriver ? driver != nil : device != nil else {
            throw ManagementError(.invalidValue, "\(order.kind) is not done to \(order.target)")
        }
        if action == .load || action == .reload || action == .parameter {
            options = try Self.options(words)
        } else if !words.isEmpty {
            throw ManagementError(.invalidValue, "\(order.kind) takes no \(words[0])")
        }
        guard action != .parameter || options.count == 1 else {
            throw ManagementError(.invalidValue, "one NAME=VALUE, not \"\(order.argument)\"")
        }
    }

    private static func name(_ text: String) throws(ManagementError) -> DriverName {
        guard let name = DriverName(text) else { throw ManagementError(.invalidValue, "not the name of a driver") }
        return name
    }

    /// Checks words of the form NAME=VALUE: a name as C has it, and a value that neither ends the option nor begins
    /// another.
    static func options(_ words: [String]) throws(ManagementError) -> [String] {
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let isName = parts[0].utf8.allSatisfy { octet in
                octet == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
            }
            guard parts.count == 2, isName, !parts[0].isEmpty,
                parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") })
            else { throw ManagementError(.invalidValue, "options are NAME=VALUE, separated by spaces, without quotes") }
        }
        return words
    }
}

extension DriverManager: OperationPerformer {
    package var kinds: [OperationKind] {
        [
            .driverLoad, .driverUnload, .driverReload, .driverParameter, .deviceBind, .deviceUnbind, .deviceRebind,
            .deviceRecover,
        ]
    }

    package func access(_ order: OperationOrder) throws(ManagementError) -> AccessRequest {
        let parsed = try DriverOrder(order)
        let snapshot = snapshot
        if let address = parsed.device, snapshot.device(address) == nil {
            throw ManagementError(.notFound, "there is no device \(address)")
        }
        let driver =
            parsed.driver ?? parsed.device.flatMap { snapshot.device($0)?.device.driver }
            ?? parsed.device.flatMap { snapshot.device($0)?.device.candidates.first }
        guard let driver else { return AccessRequest(.operate, .system) }
        return AccessRequest(parsed.action == .parameter ? .configure : .operate, .driver(driver.description))
    }

    package func check(
        _ order: OperationOrder, by principal: Principal, isAdministrator: Bool
    ) throws(ManagementError) {
        let parsed = try DriverOrder(order)
        let snapshot = snapshot
        if parsed.isForced, !isAdministrator {
            throw ManagementError(.notAuthorized, "only an administrator may force it")
        }
        if let driver = parsed.driver, let row = snapshot.driver(driver), !row.isManaged {
            throw ManagementError(
                .inconsistent, "driver \(driver) is not managed; raise manager_max_drivers (\(options.managedDrivers))")
        }
        let row = parsed.driver.flatMap { snapshot.driver($0) }
        switch parsed.action {
        case .load, .unload, .reload:
            guard snapshot.support == .available else {
                throw ManagementError(.notSupported, "\(snapshot.support)")
            }
            guard let driver = parsed.driver else { return }
            if row?.facts.isBuiltIn == true {
                throw ManagementError(.notSupported, "driver \(driver) is part of the kernel itself")
            }
            if parsed.action == .load {
                try check(parsed.options, of: driver)
            } else {
                guard let module = row?.module else { throw ManagementError(.inconsistent, "\(driver) is not loaded") }
                if parsed.action == .reload { try check(parsed.options, of: driver) }
                try checkUse(of: module)
                try checkInterfaces(parsed, principal)
            }
        case .parameter:
            guard let driver = parsed.driver, row?.isPresent == true else {
                throw ManagementError(.inconsistent, "the driver is not loaded")
            }
            try check(parsed.options, of: driver)
        case .bind:
            guard let address = parsed.device, let device = snapshot.device(address)?.device else { return }
            guard device.driver == nil else {
                throw ManagementError(.inconsistent, "\(address) is bound to \(device.busDriver ?? "a driver")")
            }
            try checkCandidate(parsed, device)
        case .unbind, .rebind:
            guard let address = parsed.device, let device = snapshot.device(address) else { return }
            guard device.device.driver != nil || parsed.action == .rebind else {
                throw ManagementError(.inconsistent, "\(address) has no driver")
            }
            try checkInterfaces(parsed, principal)
            if parsed.action == .rebind { try checkCandidate(parsed, device.device) }
        case .recover: try checkStep(parsed, principal)
        }
    }

    private func checkStep(_ order: DriverOrder, _ principal: Principal) throws(ManagementError) {
        guard let step = order.step, let address = order.device, let device = snapshot.device(address) else { return }
        guard let driver = device.device.driver, let row = snapshot.driver(driver) else {
            throw ManagementError(.inconsistent, "\(address) has no driver")
        }
        switch step {
        case .linkBounce, .rebind: break
        case .deviceReset:
            guard platform.canReset(address) else {
                throw ManagementError(.notSupported, "the bus of \(address) cannot reset it")
            }
        case .reload:
            guard snapshot.support == .available, let module = row.module else {
                throw ManagementError(.notSupported, "\(driver) is no module that can be loaded: \(snapshot.support)")
            }
            try checkUse(of: module)
        case .fallback:
            guard nextDriver(device, after: row) != nil else {
                throw ManagementError(.notSupported, "there is no other driver for \(address)")
            }
        }
        try checkInterfaces(order, principal)
    }

    /// A driver that does not claim to know a device could do anything to it.
    private func checkCandidate(_ order: DriverOrder, _ device: NetworkDevice) throws(ManagementError) {
        guard let driver = order.driver else {
            guard !device.candidates.isEmpty else {
                throw ManagementError(.notSupported, "no driver is known for \(device.address)")
            }
            return
        }
        guard order.isForced || device.candidates.contains(driver) else {
            throw ManagementError(
                .inconsistent,
                "\(driver) does not know \(device.address) (\(device.modalias)); an administrator may force it")
        }
    }

    private func check(_ options: [String], of driver: DriverName) throws(ManagementError) {
        guard let facts = platform.facts(of: driver) else {
            throw ManagementError(.notFound, "there is no module \(driver) for this kernel")
        }
        for option in options {
            let name = option.prefix { $0 != "=" }
            // The kernel takes - and _ for the same, and passes over what it does not know.
            guard facts.parameters.contains(where: { $0.name == name }) else {
                throw ManagementError(.invalidValue, "\(driver) has no parameter \(name)")
            }
        }
    }

    private func checkUse(of module: LoadedModule) throws(ManagementError) {
        guard module.references > 0 else { return }
        let users = module.holders.isEmpty ? "\(module.references) users" : module.holders.joined(separator: ", ")
        throw ManagementError(.inconsistent, "\(module.name) is in use by \(users)")
    }

    private func checkInterfaces(_ order: DriverOrder, _ principal: Principal) throws(ManagementError) {
        guard !order.isForced, let objection = objection(to: order, by: principal) else { return }
        throw ManagementError(.inconsistent, "\(objection); an administrator may force it")
    }

    /// What speaks against an order that takes interfaces away; nil when nothing does.
    private func objection(to order: DriverOrder, by principal: Principal) -> String? {
        let devices: [DeviceRow]
        switch order.action {
        case .unload, .reload: devices = snapshot.devices.filter { $0.device.driver == order.driver }
        case .unbind, .rebind: devices = [order.device.flatMap { snapshot.device($0) }].compactMap(\.self)
        case .recover:
            // That an interface is up is why something is done about it.
            guard let device = order.device.flatMap({ snapshot.device($0) }), let driver = device.device.driver,
                let step = order.step
            else { return nil }
            return self.objection(to: step, device, driver)
        case .load, .parameter, .bind: return nil
        }
        let gone = devices.reduce(into: [:]) { $0.merge($1.device.interfaces) { first, _ in first } }
        return interfaces.objection(toRemoving: gone, by: principal)
    }

    package func lane(of order: OperationOrder) -> String {
        guard let parsed = try? DriverOrder(order) else { return "" }
        let driver = parsed.driver ?? parsed.device.flatMap { snapshot.device($0)?.device.driver }
        return driver.map { "driver \($0)" } ?? "\(order.target)"
    }

    package func limit(of order: OperationOrder) -> Duration { options.timeout }

    package func perform(_ order: OperationOrder, _ run: OperationRun) throws(ManagementError) -> String {
        let parsed = try DriverOrder(order)
        // It may have waited: what was true when it was asked for need not be.
        refresh(because: "looked at before \(order.kind)")
        try check(order, by: run.requester, isAdministrator: true)
        // Only what is forced has come so far although something speaks against it.
        let objection = objection(to: parsed, by: run.requester)
        let result = try perform(parsed, order, run)
        return objection.map { "\(result), although \($0)" } ?? result
    }

    private func perform(
        _ parsed: DriverOrder, _ order: OperationOrder, _ run: OperationRun
    ) throws(ManagementError) -> String {
        let cause = "\(order.kind) by \(run.requester.printableName)"
        switch (parsed.action, parsed.driver, parsed.device) {
        case (.load, let driver?, _): return try load(driver, parsed.options, cause)
        case (.unload, let driver?, _): return try unload(driver, cause)
        case (.reload, let driver?, _): return try reload(driver, parsed.options, run, cause)
        case (.parameter, let driver?, _): return try set(parsed.options[0], of: driver, cause)
        case (.bind, let driver, let device?): return try bind(device, driver, parsed.isForced, run, cause)
        case (.unbind, _, let device?): return try unbind(device, cause)
        case (.rebind, let driver, let device?): return try rebind(device, driver, parsed.isForced, run, cause)
        case (.recover, _, let device?):
            guard let step = parsed.step else { throw ManagementError(.invalidValue, "which step?") }
            return try recover(device, step, run, cause)
        default: throw ManagementError(.invalidValue, "\(order.kind) is not done to \(order.target)")
        }
    }
}
