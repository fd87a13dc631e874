import Logging
import NetworkManagement
import NetworkModel
import OrionMIB
import StateStore

/// Does what commands on the host ask for.
struct ControlHandler: Sendable {
    let manager: ConfigurationManager
    let runner: ConfigurationRunner
    let file: OwnConfigurationFile

    func answer(
        _ request: ControlRequest, _ principal: Principal, _ reply: @escaping @Sendable (ControlReply) -> Void
    ) {
        runner.add { reply(await answer(request, principal)) }
    }

    private func answer(_ request: ControlRequest, _ principal: Principal) async -> ControlReply {
        do {
            switch request.action {
            case .apply, .check: return try await apply(request, principal)
            case .confirm:
                try await manager.confirm(by: principal)
                var reply = ControlReply()
                reply.revision = manager.snapshot.revision
                return reply
            case .cancel:
                try await manager.cancel(by: principal)
                return ControlReply()
            case .show: return try show(request)
            case .diff: return try diff(request)
            case .revisions: return revisions()
            case .unlock:
                var reply = ControlReply()
                reply.unlocked = manager.releaseLocks(by: principal)
                return reply
            case .rollback:
                guard let number = request.revision else { return ControlReply(error: "which revision?") }
                return await committed(manager.rollBack(to: number, commitRequest(request, principal)))
            }
        } catch let error as ManagementError {
            return ControlReply(error: error.message)
        } catch {
            return ControlReply(error: "\(error)")
        }
    }

    private func commitRequest(_ request: ControlRequest, _ principal: Principal) -> ConfigurationRequest {
        var commit = ConfigurationRequest(principal, .command)
        commit.comment = (request.comment ?? "").limited(toOctets: 255)
        commit.confirmWithin = request.confirmWithin.map { .seconds(min(max($0, 1), 86_400)) }
        return commit
    }

    private func apply(_ request: ControlRequest, _ principal: Principal) async throws -> ControlReply {
        let file = request.file ?? "the file"
        let octets = Array((request.text ?? "").utf8)
        let text = try ConfigurationFile.text(of: octets, file: file)
        var candidate = try ConfigurationReader.read(text, file: file)
        var commit = commitRequest(request, principal)
        // As SIGHUP does: the next start is to find nothing new in the file.
        if let own = self.file.recognise(candidate) { (candidate, commit.fileDigest) = own }
        if commit.comment.isEmpty { commit.comment = file.limited(toOctets: 255) }
        if request.action == .check { return ControlReply(manager.validate(candidate, commit)) }
        return await committed(manager.commit(candidate, commit))
    }

    private func committed(_ outcome: ConfigurationOutcome) -> ControlReply {
        var reply = ControlReply(outcome)
        guard outcome.failure == nil else { return reply }
        let counts = manager.snapshot.counts
        reply.microseconds = Int64(counts.lastDuration / .microseconds(1))
        reply.kernelMicroseconds = Int64(counts.lastKernelTime / .microseconds(1))
        return reply
    }

    private func configuration(_ number: UInt32?) throws(ManagementError) -> NetworkConfiguration {
        guard let number else { return manager.snapshot.configuration }
        guard let configuration = try manager.configuration(ofRevision: number) else {
            throw ManagementError(.notFound, "there is no revision \(number)")
        }
        return configuration
    }

    private func show(_ request: ControlRequest) throws -> ControlReply {
        let configuration = try configuration(request.revision)
        var reply = ControlReply()
        reply.revision = request.revision ?? manager.snapshot.revision
        reply.toml = configuration.toml
        reply.settings = configuration.settings.map {
            ControlReply.Difference(setting: $0.path.description, old: nil, new: $0.value.plainText)
        }
        reply.secondsLeft = manager.timeLeft?.components.seconds
        return reply
    }

    private func diff(_ request: ControlRequest) throws -> ControlReply {
        let old = try configuration(request.revision)
        let new: NetworkConfiguration
        if let text = request.text {
            new = try ConfigurationReader.read(text, file: request.file ?? "the file")
        } else {
            new = try configuration(request.other)
        }
        var reply = ControlReply()
        reply.differences = old.differences(to: new).map {
            ControlReply.Difference(
                setting: $0.path.description, old: $0.old?.plainText, new: $0.new?.plainText)
        }
        return reply
    }

    private func revisions() -> ControlReply {
        var reply = ControlReply()
        reply.revision = manager.snapshot.revision
        reply.revisions = manager.snapshot.revisions.map { revision in
            ControlReply.Revision(
                number: revision.number, time: TimeText.text(of: WallTime(seconds: revision.seconds)),
                principal: revision.principal, origin: "\(revision.origin)", state: "\(revision.state)",
                changes: revision.changes, comment: revision.comment,
                digest: revision.digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
                reason: revision.reason)
        }
        return reply
    }
}
