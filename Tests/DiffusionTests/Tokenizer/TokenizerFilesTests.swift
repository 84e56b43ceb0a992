import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite struct TokenizerFilesTests {
    /// A folder with the given files, removed when the body returns.
    private func withFolder(_ files: [String: String], _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tokenizer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try body(folder)
    }

    private func error(_ files: [String: String]) throws -> TokenizerError? {
        var found: TokenizerError?
        try withFolder(files) { folder in
            do {
                _ = try CLIPTokenizer.load(folder: folder)
            } catch let error as TokenizerError {
                found = error
            }
        }
        return found
    }

    @Test func missingFilesAreNamed() throws {
        #expect(try error([:])?.summary.contains("no tokenizer") == true)
        #expect(try error(["vocab.json": "{\"a\":0}"])?.summary.contains("merges.txt") == true)
    }

    @Test(arguments: [
        (["vocab.json": "{", "merges.txt": ""], "not a JSON object"),
        (["vocab.json": "[]", "merges.txt": ""], "not a JSON object"),
        (["vocab.json": "", "merges.txt": ""], "not a JSON object"),
        (["vocab.json": "{}", "merges.txt": ""], "empty"),
        (["vocab.json": "{\"a\":\"b\"}", "merges.txt": ""], "not a number"),
        (["vocab.json": "{\"a\":-4}", "merges.txt": ""], "has the id -4"),
        (["vocab.json": "{\"a\":99999999}", "merges.txt": ""], "has the id 99999999"),
        (["vocab.json": "{\"a\":0}", "merges.txt": "a b"], "needs the token \"b\""),
        (["vocab.json": "{\"a\":0}", "merges.txt": "#version: 0.2\na a a"], "line 2"),
        (["vocab.json": "{\"a\":0}", "merges.txt": "a a"], "needs the token \"aa\""),
        (["tokenizer.json": "{}"], "not byte pair encoding"),
        (["tokenizer.json": "{\"model\":{\"type\":\"Unigram\"}}"], "not byte pair encoding"),
        (["tokenizer.json": "{\"model\":{\"type\":\"BPE\"}}"], "lacks a vocabulary"),
        (["tokenizer.json": "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]}}"], "merge 1"),
        (["tokenizer.json": "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[7]}}"], "merge 1"),
        (
            [
                "tokenizer.json":
                    "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},\"added_tokens\":[{}]}"
            ], "an added token"
        ),
        (
            ["tokenizer_config.json": "{", "vocab.json": "{\"a\":0}", "merges.txt": ""],
            "not a JSON"
        ),
    ])
    func damagedFilesAreExplained(files: [String: String], reason: String) throws {
        let error = try error(files)
        #expect(error?.summary.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.hint != nil)
    }

    @Test func deepNestingIsRefused() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try error(["tokenizer.json": deep]) != nil)
    }

    /// A vocabulary without the special tokens gets ids for them behind its own.
    @Test func theSmallestVocabularyLoads() throws {
        let files = [
            "vocab.json": "{\"a\":0,\"b\":1,\"b</w>\":2,\"ab</w>\":3}",
            "merges.txt": "#version: 0.2\r\na b</w>\r\n\r\n",
        ]
        try withFolder(files) { folder in
            let tokenizer = try CLIPTokenizer.load(folder: folder)
            #expect(tokenizer.encode("ab AAB") == [3, 0, 3])
            #expect(tokenizer.configuration.beginID == 4)
            #expect(tokenizer.configuration.endID == 5)
            #expect(tokenizer.encode("z") == [5])
            #expect(tokenizer.vocabularySize == 6)
        }
    }

    @Test func theConfiguredLengthAndTokensCount() throws {
        let files = [
            "vocab.json": "{\"<s>\":0,\"</s>\":1,\"a</w>\":2}", "merges.txt": "",
            "tokenizer_config.json":
                "{\"bos_token\":\"<s>\",\"eos_token\":\"</s>\",\"unk_token\":\"</s>\","
                + "\"pad_token\":\"<s>\",\"model_max_length\":6}",
        ]
        try withFolder(files) { folder in
            let tokenizer = try CLIPTokenizer.load(folder: folder)
            #expect(tokenizer.paddedIDs("a a") == [0, 2, 2, 1, 0, 0])
            #expect(tokenizer.paddedIDs("a a a a a a").count == 6)
            for weighting in [
                PromptChunker(tokenizer: tokenizer, weighting: .comfy),
                PromptChunker(tokenizer: tokenizer, weighting: .a1111),
            ] {
                #expect(weighting.chunks(of: "a a a a a a").count == 2)
            }
        }
    }
}
