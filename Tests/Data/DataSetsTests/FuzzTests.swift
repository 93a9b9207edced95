import DataSets
import Foundation
import Testing

/// Damaged files must be read or refused: no trap, no hang, no large allocation.
///
/// Each test runs in a process of its own, so that a trap is a failed test and not the end of all,
/// and memory can be measured. To replay mutation `n`, ask `FileMutator(number: n)` for it.
@Suite(.timeLimit(.minutes(5))) struct FuzzTests {
    static let mutations = 20_000

    @Test func `20,000 damaged safetensors files`() async {
        await #expect(processExitsWith: .success) {
            let original = PackageResources.python_written_safetensors
            let length = Int(original[0]) + Int(original[1]) << 8
            let header = Array(original[8..<8 + length])
            let data = Array(original[(8 + length)...])
            let before = memoryInUse()
            var parsed = 0
            var refusals: Set<String> = []
            for number in 0..<FuzzTests.mutations {
                var mutator = FileMutator(number: number)
                // Half of them with the damage in the header and its length put right: otherwise
                // hardly any change of length would come as far as the offsets.
                let bytes =
                    number % 2 == 0
                    ? mutator.mutate(original)
                    : framed(mutator.mutate(header)) + data
                do throws(SafetensorsError) {
                    let file = try Safetensors(bytes: bytes, name: "f")
                    parsed += 1
                    // What is accepted is consistent, and stable when written and read again.
                    #expect(file.tensors.allSatisfy { $0.shape.reduce(1, *) == $0.values.count })
                    let written = try file.bytes()
                    #expect(try Safetensors(bytes: written, name: "f").bytes() == written)
                } catch {
                    refusals.insert(caseName(error))
                }
            }
            // Neither outcome is rare, or the mutations would test nothing.
            #expect(parsed > FuzzTests.mutations / 100)
            #expect(parsed < FuzzTests.mutations / 2)
            #expect(
                refusals.isSuperset(of: [
                    "tooShort", "headerLength", "malformedHeader", "duplicateName",
                    "unsupportedElementType", "shapeOverflow", "byteCount", "offsets", "layout",
                    "unusedBytes",
                ]), "\(refusals)")
            expectModest(memoryInUse(), before)
        }
    }

    @Test func `20,000 damaged IDX files, half of them gzipped`() async {
        await #expect(processExitsWith: .success) {
            let plain = idxBytes(dimensions: [10, 4, 3], elements: [UInt8](0..<120))
            let originals = [plain, gzipped(plain)]
            let before = memoryInUse()
            var parsed = 0
            var refusals: Set<String> = []
            for number in 0..<FuzzTests.mutations {
                var mutator = FileMutator(number: number)
                let bytes = mutator.mutate(originals[number % 2])
                do throws(IDXError) {
                    let file = try IDXFile(
                        bytes: bytes, name: "f", first: number % 4 < 2 ? nil : 3)
                    parsed += 1
                    #expect(file.elements.count == file.dimensions.reduce(1, *))
                    #expect(file.elements.count == file.count * file.itemSize)
                } catch {
                    refusals.insert(caseName(error))
                }
            }
            #expect(parsed > FuzzTests.mutations / 100)
            #expect(parsed < FuzzTests.mutations / 2)
            #expect(
                refusals.isSuperset(of: [
                    "corruptGzip", "wrongMagic", "unsupportedElementType", "noDimensions",
                    "sizeOverflow", "sizeLimit", "truncated", "trailingBytes", "itemCount",
                ]), "\(refusals)")
            expectModest(memoryInUse(), before)
        }
    }

    /// The damage is done inside, so that the checksums are right and the IDX reader sees it.
    @Test func `20,000 damaged IDX files, gzipped after the damage`() async {
        await #expect(processExitsWith: .success) {
            let plain = idxBytes(dimensions: [10, 4, 3], elements: [UInt8](0..<120))
            let before = memoryInUse()
            for number in 0..<FuzzTests.mutations {
                var mutator = FileMutator(number: number)
                let bytes = mutator.mutate(plain)
                func outcome(_ bytes: [UInt8]) -> Result<[UInt8], IDXError> {
                    do throws(IDXError) {
                        return .success(try IDXFile(bytes: bytes, name: "f").elements)
                    } catch {
                        return .failure(error)
                    }
                }
                // A file and its compressed form are the same file, unless it is the size that
                // shows it.
                switch (outcome(bytes), outcome(gzipped(bytes))) {
                case (.success(let a), .success(let b)): #expect(a == b)
                case (.failure, .failure): break
                case (let a, let b): Issue.record("mutation \(number): \(a) but gzipped \(b)")
                }
            }
            expectModest(memoryInUse(), before)
        }
    }
}

/// The header with its length before it.
private func framed(_ header: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(header.count >> (8 * $0) & 0xFF) } + header
}

/// The name of an error's case, without what it carries.
private func caseName(_ error: any Error) -> String {
    Mirror(reflecting: error).children.first?.label ?? "\(error)"
}

/// This process's peak of resident and of virtual memory in kibibytes, so far; zeros where Linux's
/// `/proc` is not there.
private func memoryInUse() -> (resident: Int, virtual: Int) {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func field(_ name: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
    return (field("VmHWM:"), field("VmPeak:"))
}

/// 64 MiB touched, and 512 MiB reserved (of which the threads' arenas take some). Under the address
/// sanitizer, which keeps freed memory, this fails and only this.
private func expectModest(
    _ after: (resident: Int, virtual: Int), _ before: (resident: Int, virtual: Int)
) {
    #expect(after.resident - before.resident < 64 << 10)
    #expect(after.virtual - before.virtual < 512 << 10)
}
