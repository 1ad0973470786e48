import Testing

@testable import CorralLlamaServer

@Suite(.timeLimit(.minutes(4)))
struct OneShotTests {
    @Test func `everyone who waits gets the first value`() async {
        let shot = OneShot<Int>()
        await withTaskGroup(of: Int?.self) { group in
            for index in 0..<10 {
                group.addTask {
                    index.isMultiple(of: 2)
                        ? await shot.value() : await shot.valueUnlessCancelled()
                }
            }
            shot.fulfil(1)
            shot.fulfil(2)
            for await value in group { #expect(value == 1) }
        }
        #expect(shot.current == 1)
        #expect(await shot.valueUnlessCancelled() == 1)
    }

    @Test func `a cancelled wait ends without a value and the others go on`() async {
        let shot = OneShot<Int>()
        await withTaskGroup(of: Int?.self) { group in
            group.addTask { await shot.valueUnlessCancelled() }
            group.cancelAll()
            let value = await group.next()
            #expect(value == .some(nil))
        }
        async let other = shot.value()
        shot.fulfil(3)
        #expect(await other == 3)
    }

    @Test func `no wait is lost or answered twice when values race cancellation`() async {
        for round in 0..<2000 {
            let shot = OneShot<Int>()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let value = await shot.valueUnlessCancelled()
                    #expect(value == nil || value == round)
                }
                group.addTask { shot.fulfil(round) }
                group.cancelAll()
            }
        }
    }
}
