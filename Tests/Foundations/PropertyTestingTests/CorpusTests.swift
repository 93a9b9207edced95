import Foundation
import PropertyTesting
import Testing

/// Runs `body` with a corpus in a directory of its own, which is removed afterwards.
private func withCorpus(isRecording: Bool = true, _ body: (Corpus) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("corpus-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(Corpus(directory: directory, isRecording: isRecording))
}

private let wrong = Property("large numbers", .int(in: 0...1000)) { $0 < 900 }
private let rarelyWrong = Property("large numbers", .int(in: 0...1_000_000)) { $0 != 777_777 }

@Suite struct `The corpus` {
    @Test func `is empty without a directory`() throws {
        try withCorpus { corpus in
            let contents = corpus.contents(for: "anything")
            #expect(contents.tokens.isEmpty && contents.problems.isEmpty)
        }
    }

    @Test func `keeps a found failure and tries it first`() throws {
        try withCorpus { corpus in
            let first = wrong.check(CheckSettings(cases: 500), corpus: corpus)
            #expect(first.counterexample?.description == "900")
            #expect(first.cases > 1)
            #expect(first.corpus == CorpusReport(problems: []))
            #expect(corpus.contents(for: wrong.name).tokens == [first.counterexample?.token])

            let second = wrong.check(CheckSettings(cases: 500), corpus: corpus)
            #expect(second.counterexample?.origin == .corpus)
            #expect(second.counterexample?.description == "900")
            #expect(second.cases == 0 && second.corpus?.replayed == 1)
            #expect(second.worst?.margin == .infinity)
            #expect(corpus.contents(for: wrong.name).tokens.count == 1)
        }
    }

    @Test func `finds again what drawing would miss, and shrinks it`() throws {
        try withCorpus { corpus in
            #expect(rarelyWrong.check(corpus: corpus).isPassed)
            try corpus.add(.choices([777_777, 5, 5], size: 10), for: rarelyWrong.name)
            let report = rarelyWrong.check(corpus: corpus)
            #expect(report.counterexample?.description == "777777")
            #expect(report.counterexample?.token == .choices([777_777], size: 10))
            let counted = rarelyWrong.check(CheckSettings(cases: 20, failurePolicy: .countAll), corpus: corpus)
            // Stored cases are no sample of the population: they are not counted among the drawn ones.
            #expect(counted.cases == 20 && counted.failures == 0 && !counted.isPassed)
        }
    }

    @Test func `counts stored cases that no longer fail or apply`() throws {
        try withCorpus { corpus in
            let property = Property("picky", .int(in: 0...9)) { try assume($0 != 3); return true }
            for choice in [3, 4, 5] as [UInt64] { try corpus.add(.choices([choice], size: 1), for: property.name) }
            let report = property.check(corpus: corpus)
            #expect(report.isPassed && report.cases == 100)
            #expect(report.corpus?.replayed == 3 && report.corpus?.discarded == 1)
        }
    }

    @Test func `is not written when it does not record`() throws {
        try withCorpus(isRecording: false) { corpus in
            #expect(!wrong.check(CheckSettings(cases: 500), corpus: corpus).isPassed)
            #expect(!FileManager.default.fileExists(atPath: corpus.directory.path))
        }
    }

    @Test func `reports damaged lines, reads the others and never removes any`() throws {
        try withCorpus { corpus in
            let good = ReplayToken.choices([4], size: 2)
            try FileManager.default.createDirectory(at: corpus.directory, withIntermediateDirectories: true)
            var data = Data("# comment\n\nnonsense\n\(good) found in spring\r\n".utf8)
            data.append(contentsOf: [0xFF, 0xFE, 0x00, 0x0A])
            data.append(contentsOf: Data("pt1s-05003kwa1cq0".utf8))
            let file = corpus.file(for: "damaged")
            try data.write(to: file)

            let contents = corpus.contents(for: "damaged")
            #expect(contents.tokens == [good])
            #expect(contents.problems.map(\.line) == [3, 5, 6])
            #expect(contents.problems.allSatisfy { $0.description.contains(file.path) })

            let report = Property("damaged", .int(in: 0...9)) { _ in true }.check(corpus: corpus)
            #expect(report.isPassed && report.corpus?.problems == contents.problems)
            #expect("\(report)".contains("checksum"))

            let other = ReplayToken.choices([5], size: 2)
            try corpus.add(other, for: "damaged")
            #expect(try Data(contentsOf: file) == data + Data("\n\(other)\n".utf8))
            #expect(corpus.contents(for: "damaged").tokens == [good, other])
        }
    }

    @Test func `leaves nothing but the finished files`() throws {
        try withCorpus { corpus in
            for choice in 1...20 as ClosedRange<UInt64> { try corpus.add(.choices([choice], size: 1), for: "tidy") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: corpus.directory.path) == ["tidy.txt"])
            #expect(corpus.contents(for: "tidy").tokens.count == 20)
        }
    }

    @Test func `gives different properties different files inside its directory`() {
        let corpus = Corpus(directory: URL(fileURLWithPath: "/corpus"))
        let long = String(repeating: "x", count: 300)
        let names = [
            "a", "b", "a b", "a_b", "a/b", "../a", "..", ".", "", "_", "α", "β", "T8 — claim", long, long + "x",
        ]
        let files = names.map { corpus.file(for: $0) }
        #expect(Set(files).count == names.count)
        for file in files {
            #expect(file.deletingLastPathComponent().path == "/corpus")
            #expect(file.lastPathComponent.utf8.count < 120 && !file.lastPathComponent.hasPrefix("."))
        }
        #expect(corpus.file(for: "T02_claim").lastPathComponent == "T02_claim.txt")
    }

    @Test func `that cannot be written or read is reported and does not end the check`() throws {
        try withCorpus { corpus in
            // A file where the directory should be.
            try Data().write(to: corpus.directory)
            #expect(throws: CorpusProblem.self) { try corpus.add(.choices([], size: 1), for: "x") }
            let report = wrong.check(CheckSettings(cases: 500), corpus: corpus)
            #expect(report.counterexample?.description == "900")
            #expect(report.corpus?.problems.count == 1)
        }
        try withCorpus { corpus in
            // A directory where the file should be.
            try FileManager.default.createDirectory(at: corpus.file(for: wrong.name), withIntermediateDirectories: true)
            let report = Property(wrong.name, .int()) { _ in true }.check(corpus: corpus)
            #expect(report.isPassed && report.corpus?.problems.count == 1)
        }
    }
}
