import Foundation
import PropertyTesting
import Testing
import Theorems

/// Every claim of the registry on its default cases: the findings on record are those that are measured.
@Suite("Claims")
struct ClaimTests {
    @Test("A claim's findings are those on record, and its counterexample is one", arguments: Claim.all)
    func findings(_ claim: Claim) throws {
        let report = claim.measure(claim.settings(), threads: 2)
        #expect(!report.isExhausted)
        #expect(report.survey.cases == claim.defaultCases)
        #expect(report.finding != .undecided, "\(report.rates[0].overall)")
        for rates in report.rates {
            #expect(!rates.contradictsRecord, "\(rates.condition.words): \(rates.finding), \(rates.overall)")
        }
        // Some claims are true of all these networks.
        guard report.rates[0].overall.successes < report.rates[0].overall.trials else { return }
        let counterexample = try #require(report.counterexample)
        #expect(counterexample.isReproducible)
        let token = try ReplayToken(parsing: "\(counterexample.token)")
        let replayed = claim.replay(token)
        #expect(replayed.verdict == counterexample.verdict)
        #expect(replayed.description == counterexample.description)
        #expect(claim.condition.isHeld(replayed.measurements) == false)
    }

    /// Guards: rules that did not converge dropping out of the denominator. Both equilibrium rules fail to converge
    /// in about 1.5 % of these cases.
    @Test("A rule that does not converge stays in the denominator")
    func undecidedCases() throws {
        let claim = try #require(Claim.named("C2"))
        var settings = claim.settings()
        settings.cases = 300
        let report = claim.measure(settings, threads: 2)
        let deciding = report.rates[0].overall
        let equilibrium = try #require(report.rates.first { $0.condition.name.contains("equilibrium") }).overall
        #expect(equilibrium.undecided > deciding.undecided, "\(equilibrium)")
        for rates in report.rates {
            #expect(rates.overall.trials + rates.overall.undecided == deciding.trials + deciding.undecided)
            let known = rates.overall.rate
            #expect((rates.overall.lower...rates.overall.upper).contains(known))
        }
    }

    @Test("A planted rule of the wrong finding would be noticed")
    func wrongPlant() throws {
        let claim = try #require(Claim.named("C2"))
        let standard = try #require(claim.plants.first { $0.expected == .refuted })
        var settings = claim.settings()
        settings.cases = claim.plantCases
        let rates = claim.measure(standard, settings, threads: 2)
        #expect(rates.contradictsRecord, "refuted is not what is on record for C2")
    }

    @Test("The counterexamples that the results print are counterexamples")
    func printedCounterexamples() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/results/claims.md"), encoding: .utf8)
        var found: Set<String> = []
        for match in page.matches(of: /- (C\d+): (.*?)\. .*`(pt1c-[0-9a-z]+)`/) {
            let claim = try #require(Claim.named(String(match.1)))
            let replayed = claim.replay(try ReplayToken(parsing: String(match.3)))
            #expect(replayed.verdict.isFailure, "\(match.1)")
            // As printed, up to the first full stop.
            #expect(replayed.description?.hasPrefix(String(match.2)) == true, "\(match.1): \(replayed)")
            found.insert(String(match.1))
        }
        #expect(found.isSuperset(of: ["C1", "C2", "C3"]))
    }

    @Test("Planted rules have the findings that are known of them", arguments: Claim.all)
    func plants(_ claim: Claim) {
        var settings = claim.settings()
        settings.cases = claim.plantCases
        #expect(Set(claim.plants.map(\.expected)).isSuperset(of: [.holds, .refuted]))
        for plant in claim.plants {
            let rates = claim.measure(plant, settings, threads: 2)
            #expect(rates.finding == plant.expected, "\(plant.name): \(rates.overall)")
        }
    }

    @Test("Rates do not depend on the number of threads", arguments: Claim.all)
    func threads(_ claim: Claim) {
        var settings = claim.settings()
        settings.cases = 40
        let one = claim.measure(settings, threads: 1, shrinkLimit: 50)
        let two = claim.measure(settings, threads: 2, shrinkLimit: 50)
        #expect(one.survey == two.survey)
        #expect(one.counterexample == two.counterexample)
        #expect(one.rates.map(\.overall) == two.rates.map(\.overall))
        #expect(one.rates.map(\.regions) == two.rates.map(\.regions))
    }

    @Test("Cases without a certified exact update are discarded and counted")
    func discards() throws {
        let claim = try #require(Claim.named("C1"))
        var settings = claim.settings()
        settings.cases = 100
        var drawn = 0
        let report = claim.measure(settings, shrinkLimit: 0) { _ in drawn += 1 }
        #expect(drawn == report.survey.cases + report.survey.discards)
        #expect(report.survey.discards == report.survey.discardReasons.values.reduce(0, +))
        #expect(report.survey.discards > 0)
        #expect(report.rates.allSatisfy { $0.overall.trials <= report.survey.cases })
        // Every region of an axis is a part of the whole.
        for rates in report.rates {
            for regions in rates.regions {
                #expect(regions.reduce(0) { $0 + $1.trials } == rates.overall.trials)
                #expect(regions.reduce(0) { $0 + $1.successes } == rates.overall.successes)
            }
        }
    }

    @Test("A claim that cannot be run is exhausted and decides nothing")
    func exhausted() throws {
        let claim = try #require(Claim.named("C1"))
        var settings = claim.settings()
        settings.cases = 300
        settings.discardsPerCase = 0
        let report = claim.measure(settings, shrinkLimit: 0)
        #expect(report.isExhausted)
        #expect(report.rates.allSatisfy { $0.finding == .undecided })
    }

    @Test("A claim says what it states, measures and compares", arguments: Claim.all)
    func words(_ claim: Claim) {
        let texts = [claim.title, claim.statement, claim.population, claim.quantity]
        #expect(texts.allSatisfy { !$0.isEmpty })
        #expect(!claim.statement.contains("\\\n"), "a line that should have been continued")
        #expect(Set(claim.conditions.map(\.name)).count == claim.conditions.count)
        #expect(Set(claim.conditions.map(\.words)).count == claim.conditions.count)
        #expect(claim.condition.isHeadline)
        #expect(claim.plants.count >= 2)
        #expect(claim.survey.name == claim.identifier.stem)
    }

    @Test("The registry has exactly the claims about single updates, found by their names")
    func registry() {
        #expect(Claim.all.map(\.identifier) == ClaimIdentifier.allCases)
        #expect(Claim.all.map(\.identifier.name) == ["C1", "C2", "C3", "C4", "C9", "C10", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C19", "C20", "C22", "C23", "C24"])
        for name in ["C1", "c1", "C01", "C01_CloserThanBackpropagation"] {
            #expect(Claim.named(name)?.identifier == .closerThanBackpropagation)
            #expect(Claim.named(name + "x") == nil)
        }
        #expect(Claim.named("T1") == nil && Theorem.named("C1") == nil)
    }
}

extension Claim: CustomTestStringConvertible {
    public var testDescription: String { "\(identifier.name) \(title)" }
}
