import CorralJSON
import CorralWire
import Foundation
import Testing

/// The shapes of Corral's own routes, as text that must not change.
@Suite struct WireTextTests {
    private func read<Shape: Decodable>(_ type: Shape.Type, _ text: String) throws -> Shape {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(text.utf8))
    }

    /// Reads `text`, and writes the same.
    private func expect(_ type: (some Codable).Type, keeps text: String) throws {
        #expect(JSONValue(encoding: try read(type, text)).text == text)
    }

    private static let candidate = #"""
        {"model":"m","role":"chat","fate":"evicted","bytes":4096,"idle_seconds":3.0,\#
        "score":12.5,"reload_seconds":9.0,"seconds_to_next_use":null}
        """#

    @Test func `a status keeps every member, and its nulls`() throws {
        let counts = #"""
            "leases_granted":3,"hits":2,"loads":1,"load_failures":0,"load_seconds":1.5,\#
            "prefetches":0,"prefetches_used":0,"evictions":0,"exits":0,"refusals":0
            """#
        let model = #"""
            {"model":"m","role":"chat","profile":"p","file":"m.gguf","state":"resident",\#
            "progress":1.0,"pinned":false,"context_tokens":4096,\#
            "planned":{"total":{"gpu0":1,"host":2},"exclusive":{"host":2},"shared":[{"gpu0":1}]},\#
            "reserved":null,"measured":{"exclusive":{"host":2},"file_backed":7},\#
            "age_seconds":9.25,"idle_seconds":null,"keep_alive":"auto","idle_limit_seconds":null,\#
            "prefetched":false,"eviction_rank":0,\#
            "value":{"score":0.5,"reload_seconds":2.0,"seconds_to_next_use":null},\#
            "leases":1,"waiting":0,\#(counts)}
            """#
        try expect(
            DaemonStatus.self,
            keeps: #"""
                {"uptime_seconds":60.0,"policy":"value","keep_alive":-1,"waiting":0,\#
                "waiting_batch":0,"predicted_wait_seconds":0.0,\#
                "pressure":{"loading_share":0.5,"reloading_share":0.25,"oversubscribed":false},\#
                "hints":1,"decisions":2,"memory":{"budget":{"host":9},"limit":{"host":8},\#
                "reserved":{}},"totals":{\#(counts)},"models":[\#(model)]}
                """#
        )
    }

    @Test(arguments: [
        #"{"event":"lease_granted","time_seconds":1.0,"model":"m","role":"chat","hit":true,"waited_seconds":0.5}"#,
        #"{"event":"load_started","time_seconds":1.0,"model":"m","role":"chat","planned":{"total":{"host":1},"exclusive":{"host":1},"shared":[]}}"#,
        #"{"event":"unload_started","time_seconds":1.0,"model":"m","role":"chat","reason":"space","for":{"model":"n","role":"embed"},"because":"least value"}"#,
        #"{"event":"oversubscription_changed","time_seconds":1.0,"pressure":{"loading_share":0.5,"reloading_share":0.25,"oversubscribed":true}}"#,
    ])
    func `an event keeps every member, and has no other`(text: String) throws {
        try expect(DaemonEvent.self, keeps: text)
    }

    @Test func `why and what-if keep every member`() throws {
        let (known, told) = (#""needed":{"host":9},"free":{"host":1}"#, Self.candidate)
        try expect(
            WhyAnswer.self,
            keeps: #"""
                {"model":"m","role":"chat","state":"absent","policy":"value","decisions":[\#
                {"number":2,"decision":"evicted","time_seconds":50.0,"ago_seconds":65.0,\#
                "for":{"model":"e","role":"embed"},\#(known),"candidates":[\#(told)]},\#
                {"number":1,"decision":"refused","time_seconds":1.0,"ago_seconds":114.0,\#
                "for":null,\#(known),"code":"too_large","message":"No.","candidates":[]}]}
                """#
        )
        try expect(
            WhatIfAnswer.self,
            keeps: #"""
                {"model":"m","role":"chat","outcome":"refused",\#(known),"limit":{"host":2},\#
                "context_tokens":4096,"load_seconds":2.0,"wait_seconds":3.0,\#
                "victims":[\#(told)],"candidates":[\#(told)],"code":"too_large","message":"No."}
                """#
        )
    }

    @Test func `answers of the routes that steer keep every member`() throws {
        try expect(
            LoadAnswer.self,
            keeps: #"{"model":"m","role":"chat","state":"resident","load_ms":12}"#
        )
        try expect(UnloadAnswer.self, keeps: #"{"unloaded":[{"model":"m","role":"chat"}]}"#)
        try expect(
            PinAnswer.self,
            keeps: #"{"pinned":true,"models":[{"model":"m","role":"chat","profile":"p"}]}"#
        )
        try expect(
            HintAnswer.self,
            keeps: #"{"models":[{"model":"m","role":"chat","result":"declined","reason":"No."}]}"#
        )
        try expect(
            ReloadAnswer.self,
            keeps: #"""
                {"changed":["memory"],"need_restart":[],"models":{"added":[],"removed":["a"],\#
                "reloading":[],"pinned":[],"unpinned":[]}}
                """#
        )
        try expect(
            ErrorAnswer.self,
            keeps: #"{"error":{"message":"No.","type":"server_error","param":null,"code":"x"}}"#
        )
    }

    @Test func `an error is read though a model has put numbers where we put words`() throws {
        let answer = try read(
            ErrorAnswer.self,
            #"{"error":{"code":400,"message":"too long","type":"x"}}"#
        )
        #expect(answer.error.message == "too long" && answer.error.code == nil)
    }

    @Test func `what an older daemon does not tell yet is not missed`() throws {
        let status = try read(
            DaemonStatus.self,
            #"""
            {"uptime_seconds":1,"policy":"lru","waiting":0,"models":[{"model":"m","role":"chat",\#
            "state":"absent","progress":0,"pinned":false,"context_tokens":0,"keep_alive":300,\#
            "leases":0,"waiting":0}],"memory":{"budget":{},"limit":{},"reserved":{}}}
            """#
        )
        #expect(status.models.first?.keepAlive == .seconds(300))
        #expect(status.models.first?.planned == nil && status.models.first?.counts.loads == nil)
    }

    @Test func `numbers that are not finite are null`() {
        let value = DaemonStatus.ScoreValue(
            score: .infinity,
            reloadSeconds: 1,
            secondsToNextUse: .infinity
        )
        #expect(
            JSONValue(encoding: value).text
                == #"{"score":null,"reload_seconds":1.0,"seconds_to_next_use":null}"#
        )
    }
}
