import CNetlink
import NetworkManagement
import NetworkModel
import RandomTesting
import Testing

@testable import LinuxPlatform

@Suite struct EthtoolParsingTests {
    private func settings(_ fill: (inout MessageBuilder) -> Void) -> LinkSettings {
        var builder = MessageBuilder()
        fill(&builder)
        var settings = LinkSettings()
        builder.octets.withUnsafeBytes { settings.readModes(NetlinkAttributes($0)) }
        return settings
    }

    @Test(
        arguments: zip(
            [1000, 800_000, 0, 65535, .max] as [UInt32],
            [1_000_000_000, 800_000_000_000, nil, nil, nil] as [UInt64?]))
    func `a speed is bits per second, or not known`(megabits: UInt32, expected: UInt64?) {
        let settings = settings { $0.attribute(ETHTOOL_A_LINKMODES_SPEED, number: megabits) }
        #expect(settings.speed?.value == expected)
    }

    @Test(arguments: zip([0, 1, 255, 7] as [UInt8], [.half, .full, .unknown, .unknown] as [Duplex]))
    func `a duplex mode that is none of ours is unknown`(value: UInt8, expected: Duplex) {
        #expect(settings { $0.attribute(ETHTOOL_A_LINKMODES_DUPLEX, number: value) }.duplex == expected)
    }

    @Test(
        arguments: [
            ("1000baseT/Full", LinkMode(megabits: 1000, isFullDuplex: true)),
            ("10baseT1S_P2MP/Half", LinkMode(megabits: 10, isFullDuplex: false)),
            ("400000baseKR8/Full", LinkMode(megabits: 400_000, isFullDuplex: true)),
            ("Autoneg", nil), ("FIBRE", nil), ("baseT/Full", nil), ("1000baseT/Both", nil), ("", nil),
        ] as [(String, LinkMode?)])
    func `a link mode is a speed and a duplex, whatever the medium`(_ name: String, _ mode: LinkMode?) {
        #expect(LinkMode(ethtool: name) == mode)
    }

    @Test func `the modes that a device is capable of are the mask of its own`() {
        var strings = MessageBuilder()
        strings.nest(ETHTOOL_A_STRSET_STRINGSETS) { sets in
            sets.nest(ETHTOOL_A_STRINGSETS_STRINGSET) { set in
                set.nest(ETHTOOL_A_STRINGSET_STRINGS) { strings in
                    for (index, name) in [
                        (0, "10baseT/Half"), (5, "1000baseT/Full"), (41, "1000baseX/Full"), (6, "TP"),
                    ] {
                        strings.nest(ETHTOOL_A_STRINGS_STRING) { string in
                            string.attribute(ETHTOOL_A_STRING_INDEX, number: UInt32(index))
                            string.attribute(ETHTOOL_A_STRING_VALUE, name)
                        }
                    }
                }
            }
        }
        let names = strings.octets.withUnsafeBytes { LinkModeNames(ethtool: NetlinkAttributes($0)) }
        var answer = MessageBuilder()
        answer.nest(ETHTOOL_A_LINKMODES_OURS) { bitset in
            bitset.attribute(ETHTOOL_A_BITSET_VALUE, ([1, 0] as [UInt32]).withUnsafeBytes { Array($0) })
            bitset.attribute(ETHTOOL_A_BITSET_MASK, ([0b110_0001, 1 << 9] as [UInt32]).withUnsafeBytes { Array($0) })
        }
        let modes = answer.octets.withUnsafeBytes { names.read(NetlinkAttributes($0)) }
        #expect(
            modes == [LinkMode(megabits: 10, isFullDuplex: false), LinkMode(megabits: 1000, isFullDuplex: true)])
    }

    @Test func `features take their names from the string set and their state from four bitsets`() {
        var strings = MessageBuilder()
        strings.nest(ETHTOOL_A_STRSET_STRINGSETS) { sets in
            sets.nest(ETHTOOL_A_STRINGSETS_STRINGSET) { set in
                set.nest(ETHTOOL_A_STRINGSET_STRINGS) { strings in
                    for (index, name) in [(0, "first"), (2, "third"), (33, "far"), (4_000_000_000, "hostile")] {
                        strings.nest(ETHTOOL_A_STRINGS_STRING) { string in
                            string.attribute(ETHTOOL_A_STRING_INDEX, number: UInt32(index))
                            string.attribute(ETHTOOL_A_STRING_VALUE, name)
                        }
                    }
                }
            }
        }
        let names = strings.octets.withUnsafeBytes { FeatureNames(ethtool: NetlinkAttributes($0)) }
        var answer = MessageBuilder()
        for (type, words) in [
            (ETHTOOL_A_FEATURES_HW, [0b101, 0b10]), (ETHTOOL_A_FEATURES_WANTED, [0b001, 0b10]),
            (ETHTOOL_A_FEATURES_ACTIVE, [0b100]), (ETHTOOL_A_FEATURES_NOCHANGE, [0b100]),
        ] as [(Int, [UInt32])] {
            answer.nest(type) { bitset in
                bitset.attribute(ETHTOOL_A_BITSET_VALUE, words.withUnsafeBytes { Array($0) })
            }
        }
        let features = answer.octets.withUnsafeBytes { names.read(NetlinkAttributes($0)) }
        #expect(
            features == [
                Feature(name: "first", isActive: false, isRequested: true, isChangeable: true),
                Feature(name: "third", isActive: true, isRequested: false, isChangeable: false),
                Feature(name: "far", isActive: false, isRequested: true, isChangeable: true),
            ])
    }

    @Test func `only counters that the driver reports are there`() {
        func group(_ number: Int, _ counters: [(Int, UInt64)], into message: inout MessageBuilder) {
            message.nest(ETHTOOL_A_STATS_GRP) { group in
                group.attribute(ETHTOOL_A_STATS_GRP_ID, number: UInt32(number))
                for (type, value) in counters {
                    group.nest(ETHTOOL_A_STATS_GRP_STAT) { $0.attribute(type, number: value) }
                }
            }
        }
        var answer = MessageBuilder()
        let mac = [(ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR, 6), (ETHTOOL_A_STATS_ETH_MAC_25_TOO_LONG_ERR, 25)]
        group(ETHTOOL_STATS_ETH_MAC, mac.map { ($0.0, UInt64($0.1)) }, into: &answer)
        group(ETHTOOL_STATS_ETH_PHY, [(ETHTOOL_A_STATS_ETH_PHY_5_SYM_ERR, 5)], into: &answer)
        group(ETHTOOL_STATS_ETH_CTRL, [(ETHTOOL_A_STATS_ETH_CTRL_5_RX_UNSUP, .max)], into: &answer)
        group(999, [(ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR, 1)], into: &answer)
        var counters = EthernetCounters()
        answer.octets.withUnsafeBytes { counters.readGroups(NetlinkAttributes($0)) }
        var expected = EthernetCounters()
        expected.fcsErrors = 6
        expected.frameTooLongs = 25
        expected.symbolErrors = 5
        expected.unknownControlOpcodes = .max
        #expect(counters == expected)
    }

    @Test func `a notification names its interface by index`() throws {
        func event(_ index: UInt32) -> InterfacePlatformEvent? {
            var message = MessageBuilder()
            message.header(genlmsghdr(cmd: 30, version: 1, reserved: 0))
            message.nest(1) { header in
                header.attribute(ETHTOOL_A_HEADER_DEV_NAME, "eth9")
                header.attribute(ETHTOOL_A_HEADER_DEV_INDEX, number: index)
            }
            return MessageBuilder.message(type: 21, message.octets).withUnsafeBytes { bytes in
                NetlinkMessages(bytes).first { _ in true }.flatMap { InterfacePlatformEvent(ethtool: $0) }
            }
        }
        #expect(event(9) == .settingsChanged(try #require(InterfaceIndex(9))))
        #expect(event(0) == nil)
        #expect(event(.max) == nil)
    }

    @Test func `random octets are survived`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let octets = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...(Bool.random(using: &random) ? 255 : 12), using: &random)
            }
            octets.withUnsafeBytes { bytes in
                let attributes = NetlinkAttributes(bytes)
                var settings = LinkSettings()
                settings.readModes(attributes)
                settings.readState(attributes)
                var counters = EthernetCounters()
                counters.readGroups(attributes)
                counters.readPauseFrames(attributes)
                _ = FeatureNames(ethtool: attributes).read(attributes)
                _ = RingSizes(ethtool: attributes)
                _ = ChannelCounts(ethtool: attributes)
                _ = Coalescing(ethtool: attributes)
                _ = GenericFamily(control: bytes)
            }
        }
    }
}
