import NetworkManagement
import NetworkModel
import SMI

/// What is preferred of drivers and devices.
struct DriverPart: SetPart {
    let transaction: DriverPreferenceTransaction
    /// The first variable binding that is about a preference.
    let binding: Int

    func commit() async throws(RefusedBinding) {
        do {
            try await transaction.commit()
        } catch {
            throw RefusedBinding(WriteRefusal(.commitFailed, error.description), binding)
        }
    }

    func undo() async throws(RefusedBinding) {
        do {
            try await transaction.undo()
        } catch {
            throw RefusedBinding(WriteRefusal(.undoFailed, error.description), binding)
        }
    }

    func release() {}
}

/// The preferences in a SET, checked.
struct DriverPreparer: SetPreparer {
    let manager: DriverManager

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        var preferences: [DriverPreference] = []
        var first = 0
        for (position, change) in changes.enumerated() {
            guard case .driver(let preference) = change else { continue }
            do {
                try manager.prepare(preference)
            } catch {
                throw RefusedBinding(WriteRefusal(ErrorStatus(error.code), error.message), position + 1)
            }
            if preferences.isEmpty { first = position + 1 }
            preferences.append(preference)
        }
        guard !preferences.isEmpty else { return nil }
        return DriverPart(transaction: manager.preferenceTransaction(preferences), binding: first)
    }
}

extension DriverPreference {
    var target: AccessTarget {
        switch self {
        case .automaticLoading(let driver, _), .fallback(let driver, _), .options(let driver, _):
            .driver(driver.description)
        // Which driver a device gets is decided for the host.
        case .preferred: .system
        }
    }
}
