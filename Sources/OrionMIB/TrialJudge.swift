import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// What comes of a trial.
struct TrialVerdict: Sendable {
    let outcome: OrionSecurityMIB.OrionSecurityTrialOutcome
    let error: ErrorStatus
    var rule = ""
    var reason: DenialReason?
    var text = ""
}

/// Says what a SET would be answered with, without making it, counting it or keeping anybody from making it.
struct TrialJudge: Sendable {
    let objects: WritableObjects
    let interfaces: InterfaceManager
    let security: SecurityManager
    let rows: PolicyRowState
    let trials: SecurityTrials
    let clock: any MonotonicClock

    func verdict(on trial: Trial) -> TrialVerdict {
        guard trial.isActive, let object = trial.object else {
            return TrialVerdict(outcome: .notReady, error: .noError)
        }
        let change: ManagedChange
        let access: AccessRequest
        do throws(WriteRefusal) {
            change = try self.change(object, trial.value)
            access = try change.access(in: interfaces.snapshot)
        } catch {
            return TrialVerdict(outcome: .notReady, error: error.status, text: error.reason)
        }
        let principal = Principal(
            name: trial.principal, model: SecurityModel(number: trial.model) ?? .unknown, level: trial.level,
            source: trial.source)
        let decision = security.explain(principal, access).decision
        let refusal = WriteRefusal(decision) ?? self.refusal(of: change)
        return TrialVerdict(
            outcome: decision.wouldBeDenied ? .unenforced : decision.isPermitted ? .permitted : .denied,
            error: refusal?.status ?? .noError, rule: decision.rule ?? "", reason: decision.reason,
            text: decision.isPermitted && refusal != nil ? "\(decision); \(refusal?.reason ?? "")" : "\(decision)")
    }

    private func change(_ object: OID, _ octets: [UInt8]) throws(WriteRefusal) -> ManagedChange {
        guard let syntax = objects.syntax(of: object) else { throw WriteRefusal(.notWritable, "no object to set") }
        guard let value = syntax.value(from: octets) else {
            throw WriteRefusal(.wrongType, "not a value of the object's type")
        }
        return try objects.change(VarBind(object, value))
    }

    /// What the object itself would say.
    private func refusal(of change: ManagedChange) -> WriteRefusal? {
        switch change {
        case .interface(let request):
            do {
                _ = try interfaces.prepare([request])
                return nil
            } catch {
                return WriteRefusal(ErrorStatus(error.error.code), error.error.message)
            }
        case .policy(let edit):
            let policy = security.snapshot.policy
            var edits = PolicyRowEdits(policy, rows.content(at: clock.now()))
            edits.add(edit, binding: 1)
            do {
                let plan = try edits.plan(at: clock.now())
                _ = try policy.applying(plan.changes)
                return nil
            } catch let error as RefusedBinding {
                return error.refusal
            } catch let error as PolicyError {
                return WriteRefusal(error)
            } catch {
                return WriteRefusal(.genErr)
            }
        // What a session lacks shows only when it is set.
        case .configuration: return nil
        case .trial(let edit):
            var edits = TrialRowEdits(trials.rows)
            edits.add(edit, binding: 1)
            do {
                _ = try edits.plan(at: clock.now())
                return nil
            } catch {
                return error.refusal
            }
        // What these name and are set to was looked at when they were decoded.
        case .alarm, .threshold: return nil
        }
    }
}

extension Syntax {
    /// The value that orionSecurityTrialValue stands for: digits for a number, digits and dots for an object identifier,
    /// else the octets themselves; nil when it stands for none.
    fileprivate func value(from octets: [UInt8]) -> Value? {
        let text = String(decoding: octets, as: UTF8.self)
        // A sign is for negative numbers; the parsers would take a plus too.
        let isNumber = !text.hasPrefix("+")
        switch base {
        case .integer: return isNumber ? Int32(text).map { .integer($0) } : nil
        case .gauge32: return isNumber ? UInt32(text).map { .gauge32($0) } : nil
        case .counter32: return isNumber ? UInt32(text).map { .counter32($0) } : nil
        case .timeTicks: return isNumber ? UInt32(text).map { .timeTicks($0) } : nil
        case .counter64: return isNumber ? UInt64(text).map { .counter64($0) } : nil
        case .objectIdentifier: return OID(text).map { .objectIdentifier($0) }
        case .octetString: return .bytes(octets)
        case .opaque: return .opaque(octets)
        case .ipAddress:
            return octets.count == 4 ? .ipAddress(octets.reduce(0) { $0 << 8 | UInt32($1) }) : nil
        }
    }
}
