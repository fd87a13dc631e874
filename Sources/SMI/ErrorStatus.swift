/// SNMP error-status values, as they travel in a Response to a SET (RFC 3416 section 3, RFC 2741 section 6.2.16).
package enum ErrorStatus: UInt16, Sendable, Hashable, CaseIterable {
    case noError = 0
    case genErr = 5
    case noAccess = 6
    case wrongType = 7
    case wrongLength = 8
    case wrongEncoding = 9
    case wrongValue = 10
    case noCreation = 11
    case inconsistentValue = 12
    case resourceUnavailable = 13
    case commitFailed = 14
    case undoFailed = 15
    case authorizationError = 16
    case notWritable = 17
    case inconsistentName = 18
}
