import PropertyTesting
import Testing

private let tokens = Generator<ReplayToken> { source in
    let size = try source.draw(.int(in: 0...100))
    if try source.draw(.bool()) {
        return .choices(try source.draw(.array(of: Generator { try $0.draw(upTo: .max) })), size: size)
    }
    return .seeded(
        seed: try source.draw(upTo: .max), index: try source.draw(.int(in: Int.min...Int.max)), size: size)
}

@Suite struct `Replay tokens` {
    @Test func `are recovered from their text in either case`() {
        let property = Property("token text round trip", tokens) { token in
            let text = token.description
            return try ReplayToken(parsing: text) == token && ReplayToken(text.uppercased()) == token
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        let report = property.check(CheckSettings(cases: 500))
        #expect(report.isPassed, "\(report)")
    }

    @Test func `with one changed, missing or doubled character are rejected`() {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz-")
        let damaged = Generator<(ReplayToken, String)> { source in
            let token = try source.draw(tokens)
            var text = Array(token.description)
            let position = try source.draw(.int(in: 0...(text.count - 1)))
            switch try source.draw(.int(in: 0...2)) {
            case 0: text[position] = try source.draw(.element(of: alphabet))
            case 1: text.remove(at: position)
            default: text.insert(text[position], at: position)
            }
            return (token, String(text))
        }
        let property = Property("damaged token", damaged) { token, text in
            try assume(text != token.description)
            return ReplayToken(text) == nil
        }
        let report = property.check(CheckSettings(cases: 2_000))
        #expect(report.isPassed, "\(report)")
    }

    @Test func `are short and have a fixed format`() {
        #expect(ReplayToken.seeded(seed: 1, index: 0, size: 1).description == "pt1s-04003kwa1cq0")
        #expect(ReplayToken.choices([], size: 0).description.count <= 13)
        #expect(ReplayToken.choices([], size: 1_000).description == ReplayToken.choices([], size: 100).description)
    }

    @Test(arguments: [
        ("", ReplayTokenError.notAToken("")),
        ("hello", .notAToken("hello")),
        ("pt-", .notAToken("pt-")),
        ("pt1x-04003kwa1cq0", .notAToken("pt1x-04003kwa1cq0")),
        ("pt2s-04003kwa1cq0", .unknownVersion("2")),
        ("pt1s-0400ukwa1cq0", .illegalCharacter("u", offset: 9)),
        ("pt1s-04003kwa1cé0", .illegalCharacter("é", offset: 15)),
        ("pt1s-", .truncated),
        ("pt1s-04003kwa1", .truncated),
        ("pt1s-04003kwa1cq1", .truncated),
        ("pt1s-05003kwa1cq0", .wrongChecksum),
        ("pt1c-04003kwa1cq0", .wrongChecksum),
    ])
    func `that are malformed are refused with the reason`(text: String, reason: ReplayTokenError) {
        #expect(throws: reason) { try ReplayToken(parsing: text) }
        #expect(ReplayToken(text) == nil)
        #expect(reason.description.count > 20)
    }

    @Test func `that are intact but impossible are refused`() {
        /// The text of a payload with a correct checksum.
        func text(_ kind: Character, _ payload: [UInt8]) -> String {
            let sum = cyclicRedundancyCheck32([kind.asciiValue!] + payload)
            return "pt1\(kind)-" + Base32.encode(payload + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) })
        }
        #expect(ReplayToken(text("s", [1, 2, 3])) == .seeded(seed: 1, index: 2, size: 3))
        #expect(throws: ReplayTokenError.impossibleContent("not seed, index and size")) {
            try ReplayToken(parsing: text("s", [1, 2]))
        }
        #expect(throws: ReplayTokenError.impossibleContent("size 101, beyond 100")) {
            try ReplayToken(parsing: text("c", [101]))
        }
        #expect(throws: ReplayTokenError.impossibleContent("a number beyond 64 bits")) {
            try ReplayToken(parsing: text("c", [1] + [UInt8](repeating: 255, count: 9) + [2]))
        }
        #expect(throws: ReplayTokenError.truncated) { try ReplayToken(parsing: text("c", [1, 128])) }
    }

    @Test func `the checksum and the digits are the published ones`() {
        #expect(cyclicRedundancyCheck32("123456789".utf8) == 0xCBF4_3926)
        #expect(Base32.encode("foobar".utf8) == "csqpyrk1e8")
        #expect(throws: Base32.Failure.illegalEnd) { try Base32.decode("0") }
        #expect(throws: Base32.Failure.illegalEnd) { try Base32.decode("01") }
    }
}

@Suite struct Replaying {
    private let property = Property("sum", .array(of: .zip(.int(in: -99...99), .gaussian()))) { values, context in
        context.label("long", when: values.count > 10)
        context.note("\(values.count) values")
        return values.reduce(0) { $0 + $1.1 + Double($1.0) } / 400
    }

    @Test func `each case of a run gives it again exactly`() {
        var records: [CaseRecord] = []
        let settings = CheckSettings(cases: 150, seed: 11, failurePolicy: .countAll)
        let report = property.check(settings, observe: { records.append($0) })
        #expect(records.map(\.index) == Array(0..<150))
        #expect(records.contains { $0.verdict.isFailure } && records.contains { !$0.verdict.isFailure })
        var descriptions = Set<String>()
        for record in records {
            let again = property.replay(record.token)
            #expect(again.verdict == record.verdict)
            #expect(again.labels == record.labels)
            if let text = again.description { descriptions.insert(text) }
        }
        // The cases differ, so the replays are not all of one case.
        #expect(descriptions.count > 140)
        #expect(report.failures == records.count { $0.verdict.isFailure })
    }

    @Test func `the printed tokens of a failure give the counterexample and the case it came from`() throws {
        let report = property.check(CheckSettings(cases: 500))
        let counterexample = try #require(report.counterexample)
        let shrunk = property.replay(try ReplayToken(parsing: "\(counterexample.token)"))
        #expect(shrunk.description == counterexample.description)
        #expect(shrunk.verdict == counterexample.verdict)
        #expect(shrunk.notes == counterexample.notes && shrunk.notes.count == 1)
        let original = property.replay(try ReplayToken(parsing: "\(counterexample.originalToken)"))
        #expect(original.verdict == counterexample.originalVerdict)
        #expect(original.description != shrunk.description)
        for token in [counterexample.token, counterexample.originalToken] {
            #expect("\(report)".contains("\(token)"))
        }
    }

    @Test func `a case depends on seed, index and size, and on each of them`() {
        func description(_ seed: UInt64, _ index: Int, _ size: Int) -> String? {
            property.replay(.seeded(seed: seed, index: index, size: size)).description
        }
        #expect(description(1, 5, 50) == description(1, 5, 50))
        #expect(description(1, 5, 50) != description(2, 5, 50))
        #expect(description(1, 5, 50) != description(1, 6, 50))
        #expect(description(1, 5, 50) != description(1, 5, 5))
    }

    @Test func `a case does not change when the run has more of them`() {
        var short: [CaseRecord] = []
        var long: [CaseRecord] = []
        _ = property.check(CheckSettings(cases: 30, failurePolicy: .countAll), observe: { short.append($0) })
        _ = property.check(CheckSettings(cases: 300, failurePolicy: .countAll), observe: { long.append($0) })
        #expect(short == Array(long.prefix(30)))
    }

    @Test func `any choices give some case and none crashes`() {
        for length in 0..<40 {
            let wild = ReplayToken.choices([UInt64](repeating: .max, count: length), size: 100)
            #expect(property.replay(wild).description != nil)
        }
    }
}
