import Foundation
import Testing

/// `verify-cli bench --training`, as quick as it goes: what is measured varies, how it hangs together
/// does not.
@Suite(.serialized) struct BenchCommandTests {
    private struct Row {
        let rule: String
        let batch: Int
        let perSecond: Double
        let seconds: Double
        let limit: Double?
        let share: Double?

        init(_ value: [String: Any]) throws {
            rule = try #require(value["rule"] as? String)
            batch = try #require(value["batch"] as? Int)
            perSecond = try #require(value["perSecond"] as? Double)
            seconds = try #require(value["seconds"] as? Double)
            limit = value["limit"] as? Double
            share = value["share"] as? Double
        }
    }

    @Test func `every rule at both mini-batches beside its limit`() throws {
        let run = try Executable.run(
            ["bench", "--training", "--repeats", "1", "--format", "json", "--quiet"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let tables = try #require(try run.object()["tables"] as? [[String: Any]])
        #expect(tables.count == 1)
        let rows = try (try #require(tables[0]["rows"] as? [[String: Any]])).map(Row.init)
        let rules = [
            "bp", "bp-adam", "bp-prox", "il", "il-adam", "il-prox", "il-prox-fast", "il-prox-adam",
            "il-exact", "implicit",
        ]
        for batch in [1, 64] {
            #expect(Set(rows.filter { $0.batch == batch }.map(\.rule)) == Set(rules))
        }
        #expect(rows.count == 2 * rules.count)
        var limits: [String: Double] = [:]
        for row in rows {
            #expect(row.seconds > 0)
            #expect(abs(row.perSecond * row.seconds - 1) < 1e-12, "\(row)")
            if row.batch == 64 && ["il-exact", "implicit"].contains(row.rule) {
                #expect(row.limit == nil && row.share == nil)
                continue
            }
            let limit = try #require(row.limit)
            let share = try #require(row.share)
            #expect(abs(share * row.seconds / limit - 1) < 1e-12, "\(row)")
            limits["\(row.rule) \(row.batch)"] = limit
        }
        // Uses of a weight: all forwards and for the gradient or to read and write; the hidden ones 25
        // times forwards and backwards or once backwards.
        let (all, hidden) = (785.0 * 256 + 257 * 256 + 257 * 10, 256.0 * 256 + 256 * 10)
        func ratio(_ a: String, _ b: String) throws -> Double {
            try #require(limits[a]) / (try #require(limits[b]))
        }
        #expect(abs(try ratio("il 64", "bp 64") - (2 * all + 50 * hidden) / (2 * all + hidden)) < 1e-9)
        #expect(abs(try ratio("il 1", "bp 1") - (3 * all + 50 * hidden) / (3 * all + hidden)) < 1e-9)
        #expect(abs(try ratio("bp-adam 1", "bp 1") - (7 * all + hidden) / (3 * all + hidden)) < 1e-9)
    }

    @Test func `no repeats are refused`() throws {
        let run = try Executable.run(["bench", "--training", "--repeats", "0"])
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("--repeats"))
    }
}
