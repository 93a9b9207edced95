import Foundation
import Testing

/// Which kernel of OpenBLAS the program computes with, as its provenance says.
struct KernelTests {
    private static let flags = Set(
        ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
            .split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ")
            .map(String.init) ?? [])

    private func kernel(_ variable: String?) throws -> String {
        let run = try Executable.run(
            ["table", "--cases", "1", "--alpha", "1", "--rules", "bp", "--quiet"],
            environment: ["OPENBLAS_CORETYPE": variable])
        #expect(run.status == 0)
        let line = try #require(run.lines.first { $0.contains("OpenBLAS 0") })
        return String(line.drop { $0 != "(" }.dropFirst().dropLast())
    }

    @Test(
        "what the user sets stays", .enabled(if: flags.isSuperset(of: ["avx2", "fma"])),
        arguments: ["Haswell", "Prescott"])
    func set(name: String) throws {
        #expect(try kernel(name) == name)
    }

    @Test(
        "a processor with AVX2 is not left with a kernel from before it",
        .enabled(if: flags.isSuperset(of: ["avx2", "fma"])))
    func replaced() throws {
        let kernel = try kernel(nil)
        #expect(!["Prescott", "Core2", "Nehalem", "Sandybridge"].contains(kernel), "\(kernel)")
    }
}
