/** A git repository of a test's own, below a path with a space and a letter beyond ASCII. */
export declare class ScratchRepository {
    #private;
    readonly folder: string;
    readonly root: string;
    constructor();
    git(...args: string[]): string;
    write(files: Readonly<Record<string, string>>): void;
    /** @returns the hash of the new commit */
    commit(files: Readonly<Record<string, string>>, ...tags: string[]): string;
    remove(): void;
}
//# sourceMappingURL=scratch-repository.d.ts.map