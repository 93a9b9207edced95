import Foundation
import PropertyTesting
import Testing
import Theorems

/// Every theorem of the registry on its default cases, and every mutant on the same number.
@Suite("Theorems")
struct TheoremTests {
    /// Past failures, which are run first.
    static let corpus = Corpus(
        directory: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus"),
        isRecording: false)

    @Test("A theorem holds on its default cases", arguments: Theorem.all)
    func holds(_ theorem: Theorem) {
        let report = theorem.check(theorem.settings(), threads: 2, corpus: Self.corpus)
        #expect(report.isPassed, "\(report)")
        #expect(report.cases == theorem.defaultCases)
        #expect(report.corpus?.problems.isEmpty == true)
        // A part that most cases skip would hold of nothing.
        if let (part, share) = Self.parts[theorem.identifier] {
            #expect(report.labels.percentage(part) >= share, "\(part): \(report.labels.rows)")
        }
    }

    /// Parts of checks that some cases cannot reach, as rounding hides them, and the percentage of cases that must.
    private static let parts: [TheoremIdentifier: (String, Double)] = [
        .explicitVersusImplicit: ("order checked", 95), .droppedTerm: ("order checked", 45),
        .equilibriumEnergy: ("derivative checked", 55), .uniqueness: ("a second descent compared", 90),
        .linearGraph: ("some matrix shared", 40), .earlyInference: ("order checked", 25),
        .levenbergMarquardt: ("order checked", 40), .saddles: ("all Hessians resolved", 90), .reverseSweep: ("order checked", 20),
        .nudging: ("clamped too", 25), .energySmoothness: ("bound within 10 %", 3),
    ]

    @Test("A theorem's check fails on each of its mutants", arguments: Theorem.all)
    func mutantsAreCaught(_ theorem: Theorem) {
        #expect(theorem.mutants.count >= 2)
        for mutant in theorem.mutants {
            var settings = theorem.settings()
            settings.shrinkLimit = 0
            let report = mutant.property.check(settings, threads: 2)
            #expect(report.counterexample != nil, "\(mutant.name) survives: \(report)")
        }
    }

    @Test("Verdict, margins and counts do not depend on the number of threads", arguments: Theorem.all)
    func threads(_ theorem: Theorem) {
        var settings = theorem.settings()
        settings.cases = min(settings.cases, 60)
        #expect(theorem.check(settings, threads: 1) == theorem.check(settings, threads: 2))
    }

    @Test("No stored failure fails again", arguments: Theorem.all)
    func storedFailures(_ theorem: Theorem) {
        let stored = Self.corpus.contents(for: theorem.identifier.stem)
        #expect(stored.problems.isEmpty)
        for token in stored.tokens {
            // Some are no cases any more: the theorem now says that it does not apply to them.
            let verdict = theorem.replay(token).verdict
            #expect(!verdict.isFailure, "\(token): \(verdict)")
        }
    }

    @Test("A theorem says what it states, supposes, measures and tolerates", arguments: Theorem.all)
    func words(_ theorem: Theorem) {
        let texts = [
            theorem.title, theorem.statement, theorem.quantity, theorem.bound, theorem.tolerance,
        ]
        #expect(texts.allSatisfy { !$0.isEmpty })
        #expect(!theorem.statement.contains("\\\n"), "a line that should have been continued")
        #expect(!theorem.hypotheses.isEmpty)
        #expect(Set(theorem.mutants.map(\.name)).count == theorem.mutants.count)
        #expect(theorem.property.name == theorem.identifier.stem)
    }

    @Test("The registry has exactly the theorems with an identifier, in order")
    func registry() {
        #expect(Theorem.all.map(\.identifier) == TheoremIdentifier.allCases)
    }

    @Test(
        "A theorem is found by its name however it is written",
        arguments: ["T8", "t8", "T08", "T08_UpdatedFeedback"])
    func lookup(_ name: String) {
        #expect(Theorem.named(name)?.identifier == .updatedFeedback)
        #expect(Theorem.named(name + "x") == nil)
    }
}

extension Theorem: CustomTestStringConvertible {
    public var testDescription: String { "\(identifier.name) \(title)" }
}
