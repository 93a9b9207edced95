import DataSets
import Foundation
import Testing

@Suite struct CIFAR10Tests {
    /// A record with this label whose byte `i` is `i + shift`, modulo 256.
    private func record(label: UInt8, shift: Int) -> [UInt8] {
        [label] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 + shift) }
    }

    @Test func `records are read across the five files, planes in their order`() throws {
        try withTemporaryDirectory { directory in
            for file in 1...5 {
                let bytes = record(label: UInt8(file), shift: file)
                    + record(label: UInt8(file + 4), shift: 2 * file)
                _ = try place(bytes, "data_batch_\(file).bin", in: directory)
            }
            let all = try CIFAR10.load(from: directory)
            #expect(all.labels == [1, 5, 2, 6, 3, 7, 4, 8, 5, 9])
            #expect(all.inputShape == [3, 32, 32] && all.width == 3072)
            // The green plane of the third record begins at byte 1,024; its shift is 2.
            #expect(all.inputs[2 * 3072 + 1024] == 2.0 / 255)
            #expect(all.inputs[3072 - 1] == Double((3071 + 1) % 256) / 255)
            let chosen = try CIFAR10.load(.train, .random(4, seed: 3), from: directory)
            #expect(chosen.count == 4)
            #expect(throws: DataSetError.selection(dataSet: "cifar-10", requested: 11, available: 10)) {
                try CIFAR10.load(.train, .first(11), from: directory)
            }
        }
    }

    @Test func `the first records need only the files that hold them`() throws {
        try withTemporaryDirectory { directory in
            _ = try place(record(label: 9, shift: 0), "data_batch_1.bin", in: directory)
            #expect(try CIFAR10.load(.train, .first(1), from: directory).labels == [9])
            let error = #expect(throws: DataSetError.self) {
                try CIFAR10.load(.train, .first(2), from: directory)
            }
            #expect(try #require(error).description.contains("data_batch_2.bin not found"))
        }
    }

    @Test func `files that are not made of records are refused`() throws {
        try withTemporaryDirectory { directory in
            for bytes in [[], [UInt8](repeating: 0, count: 3072), record(label: 0, shift: 0) + [0]] {
                _ = try place(bytes, "test_batch.bin", in: directory)
                let error = #expect(throws: DataSetError.self) {
                    try CIFAR10.load(.test, from: directory)
                }
                let message = try #require(error).description
                #expect(message.contains("test_batch.bin") && message.contains("3073"))
            }
            _ = try place(record(label: 10, shift: 0), "test_batch.bin", in: directory)
            #expect(
                throws: DataSetError.label(
                    dataSet: "cifar-10", index: 0, found: 10, classCount: 10)
            ) { try CIFAR10.load(.test, from: directory) }
        }
    }

    @Test func `a directory in place of a file is refused`() throws {
        try withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: "\(directory)/test_batch.bin", withIntermediateDirectories: true)
            #expect(throws: DataSetError.self) { try CIFAR10.load(.test, from: directory) }
        }
    }
}
