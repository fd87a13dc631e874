import Logging
import NetworkManagement
import NetworkModel

extension EventRelay {
    func log(_ event: ConfigurationEvent) {
        func metadata(_ revision: ConfigurationRevision) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "revision": "\(revision.number)", "principal": "\(revision.principal)",
                "origin": "\(revision.origin)", "changes": "\(revision.changes)",
            ]
            if !revision.reason.isEmpty { metadata["reason"] = "\(revision.reason)" }
            return metadata
        }
        func metadata(_ drift: [ConfigurationDrift]) -> Logger.Metadata {
            ["settings": "\(drift.count)", "first": "\(drift.first?.text ?? "")"]
        }
        switch event {
        case .changed(let revision, _): configuration.notice("configuration in force", metadata: metadata(revision))
        case .confirmed(let revision): configuration.notice("configuration confirmed", metadata: metadata(revision))
        case .rolledBack(let revision):
            configuration.warning("configuration taken back", metadata: metadata(revision))
        case .failed(let revision, _): configuration.error("configuration refused", metadata: metadata(revision))
        case .setNotKept(let principal, let finding):
            configuration.error(
                "a SET became no revision, and lasts until the next commit or restart",
                metadata: ["principal": "\(principal.printableName)", "finding": "\(finding)"])
        case .driftDetected(let drift):
            configuration.warning("the kernel differs from the configuration", metadata: metadata(drift))
        case .driftRepaired(let drift):
            configuration.notice("the kernel is as configured again", metadata: metadata(drift))
        case .interfacesConfigured(let settings):
            configuration.notice("interfaces that appeared were configured", metadata: metadata(settings))
        }
    }

    func log(_ event: DriverEvent) {
        switch event {
        case .loaded(let row): log(.notice, "driver loaded", row)
        case .unloaded(let row): log(.notice, "driver unloaded", row)
        case .failed(let row, let reason): log(.error, "driver failed", row, reason)
        case .recovered(let row): log(.notice, "driver works again", row)
        case .limitExceeded(let row):
            log(.warning, "manager_max_drivers is reached: this driver and further ones are shown, not managed", row)
        case .fallbackUsed(let row, let wanted, let used, let reason):
            drivers.warning(
                "fallback driver used",
                metadata: [
                    "device": "\(row.record.address)", "wanted": "\(wanted)", "used": "\(used)", "reason": "\(reason)",
                ])
        case .deviceAdded(let row): log("network device appeared", row)
        case .deviceRemoved(let row): log("network device is gone", row)
        case .driverWanted(let row): log("network device has no driver", row)
        case .loadWanted(let row): log(.info, "driver is to be loaded", row)
        case .healthChanged(let row, let health):
            log(
                health == .healthy ? .notice : .warning, "health of a driver changed", row,
                "\(health): \(row.evidence)")
        case .recoveryWanted(let row, let device, let step, let reason):
            log(.warning, "recovery of a driver", row, "\(step.rawValue) of \(device.record.address): \(reason)")
        case .recoveryHeld(let row, let device, let reason):
            log(.warning, "no recovery of a driver", row, "\(device.record.address): \(reason)")
        }
    }

    private func log(_ text: Logger.Message, _ row: DeviceRow) {
        drivers.info(
            text,
            metadata: [
                "device": "\(row.record.address)", "modalias": "\(PrintableOctets.text(of: row.device.modalias.utf8))",
            ])
    }

    private func log(_ level: Logger.Level, _ text: Logger.Message, _ row: DriverRow, _ reason: String = "") {
        drivers.log(
            level: level, text,
            metadata: ["driver": "\(row.name)", "cause": "\(row.history.lastCause)", "reason": "\(reason)"])
    }

    func log(_ event: OperationEvent) {
        let (operation, text): (NetworkManagement.Operation, Logger.Message) =
            switch event {
            case .started(let operation): (operation, "operation begins")
            case .finished(let operation):
                (operation, operation.state == .succeeded ? "operation succeeded" : "operation did not succeed")
            case .returned(let operation): (operation, "an operation whose time was up has come back")
            }
        operations.log(
            level: operation.state.isFinal && operation.state != .succeeded ? .warning : .info, text,
            metadata: [
                "operation": "\(operation.order.kind)", "target": "\(operation.order.target)",
                "principal": "\(operation.requester.printableName)", "state": "\(operation.state)",
                "result": "\(operation.result)",
            ])
    }

    func log(_ event: OptimisationEvent) {
        let (finding, level, text): (Finding, Logger.Level, Logger.Message) =
            switch event {
            case .applied(let finding): (finding, .notice, "a finding is on trial")
            case .confirmed(let finding): (finding, .notice, "a finding's change is kept")
            case .reverted(let finding): (finding, .warning, "a finding's change is taken back")
            case .failed(let finding): (finding, .error, "a finding's change failed")
            }
        optimisation.log(
            level: level, text,
            metadata: [
                "finding": "\(finding.identifier)", "interface.name": "\(finding.proposal.name)",
                "change": "\(finding.proposal.changeText)", "principal": "\(finding.requester)",
                "result": "\(finding.result)",
            ])
    }
}
