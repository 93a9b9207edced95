package import Foundation
internal import Theorems

/// Where the files of the repository are, as seen from a report.
public struct ReportSources: Sendable {
    /// What precedes a path of the repository in a link; `nil` if there is nothing to link to.
    private let base: String?
    /// The checkout, if there is one to look into.
    private let checkout: URL?

    /// - Parameters:
    ///   - address: of the repository's files, as the user gave it.
    ///   - output: the directory of the report. Without an address, links lead from it to the current
    ///     directory, if that is a checkout.
    public init(address: String?, output: String) {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        let isCheckout = FileManager.default.fileExists(
            atPath: here.appendingPathComponent("Proofs/README.md").path)
        checkout = isCheckout ? here : nil
        if let address {
            base = address.hasSuffix("/") ? address : address + "/"
        } else {
            base = isCheckout
                ? Self.relativePath(from: URL(fileURLWithPath: output).standardizedFileURL, to: here) : nil
        }
    }

    /// The address of a file of the repository; `nil` if there is none, or if a checkout lacks the file.
    package func address(_ path: String) -> String? {
        guard let base else { return nil }
        if let checkout,
            !FileManager.default.fileExists(atPath: checkout.appendingPathComponent(path).path)
        {
            return nil
        }
        return base + path
    }

    /// What the list of proofs says of each theorem: `machine-checked`, `partly machine-checked`, …
    ///
    /// Empty without a checkout.
    func proofStatus() -> [TheoremIdentifier: String] {
        guard let checkout,
            let text = try? String(
                contentsOf: checkout.appendingPathComponent("Proofs/STATUS.md"), encoding: .utf8)
        else { return [:] }
        var result: [TheoremIdentifier: String] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 2, let theorem = TheoremIdentifier.allCases.first(where: {
                cells[0].contains("(\($0.stem).md)")
            }) else { continue }
            result[theorem] = cells[1]
        }
        return result
    }

    /// `../../` for each directory to leave, then those to enter; empty for the directory itself.
    package static func relativePath(from start: URL, to end: URL) -> String {
        let (from, to) = (start.pathComponents, end.standardizedFileURL.pathComponents)
        let common = zip(from, to).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: from.count - common) + to.dropFirst(common)
        return steps.isEmpty ? "" : steps.joined(separator: "/") + "/"
    }
}
