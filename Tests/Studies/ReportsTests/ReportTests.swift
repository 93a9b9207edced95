import Documents
import Foundation
import FoundationXML
import PropertyTesting
import Reports
import Testing
import TheoremStudies
import Theorems

/// The page as a library makes it; how the command writes it is tested from outside.
@Suite("Report page")
struct ReportTests {
    private func results() throws -> TheoremResults {
        let theorem = try #require(Theorem.named("T5"))
        let claims = ["C2", "C4"].compactMap { Claim.named($0) }
        return TheoremStudy(theorems: [theorem], claims: claims, theoremCases: 5, claimCases: 30).run()
    }

    private func page(_ results: TheoremResults, address: String? = "https://example.org") throws -> XMLDocument {
        let (page, _) = try Report(
            results: results, distances: [], sources: ReportSources(address: address, output: "out"),
            provenance: ["seed": "1"]
        ).page()
        return try XMLDocument(data: Data(page.html.utf8))
    }

    private func texts(_ page: XMLDocument, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).compactMap(\.stringValue)
    }

    @Test func `the first screen answers the title: each claim with its finding and rate, before anything else`() throws {
        let results = try results()
        let page = try page(results)
        #expect(try texts(page, "//header//tbody/tr/th") == ["C2", "C4"])
        #expect(
            try texts(page, "//header//tbody/tr/td[2]") == results.claims.map(\.word))
        let lead = try texts(page, "//header//p").joined()
        #expect(lead.contains("Of 2 claims about single updates") && lead.contains("1 of 1 theorems hold"))
        let sections = try texts(page, "//section/@id")
        #expect(sections == ["claims", "theorems", "provenance"])
    }

    @Test func `an article for each theorem and claim, with its verdict and where it comes from`() throws {
        let results = try results()
        let page = try page(results)
        #expect(try texts(page, "//article/@id") == ["C2", "C4", "T5"])
        #expect(try texts(page, "//article[@id='T5']//span[contains(@class,'verdict')]") == ["holds"])
        #expect(
            try texts(page, "//article[@id='C4']//code").allSatisfy { $0.hasPrefix("verify-cli theorems C4 --replay pt1c-") })
        #expect(try texts(page, "//tr[th='seed']/td") == ["1"])
    }

    @Test func `links lead out of the report's directory into the checkout`() {
        let sources = ReportSources(address: "https://example.org/r", output: "out")
        #expect(sources.address("no/such/file") == nil || sources.address("no/such/file") == "https://example.org/r/no/such/file")
        let (start, end) = (URL(fileURLWithPath: "/a/b/c"), URL(fileURLWithPath: "/a/d"))
        #expect(ReportSources.relativePath(from: start, to: end) == "../../d/")
        #expect(ReportSources.relativePath(from: start, to: start) == "")
    }
}
